import { z } from 'zod'
import type {
  CopyPlan,
  CopyReceipt,
  CopySpec,
  PartResult,
  StoreColumn,
  VerificationLevel,
} from '../../../lib/protocol/copy-plan.ts'
import { showTable } from '../../connectors/postgresql/quote.ts'
import type { PgSession } from '../../connectors/postgresql/session.ts'
import { TaskFailure } from '../failure.ts'
import type { CopyRoute, PartTask, PrepareTask, PublishTask } from '../routes.ts'
import type { TaskContext } from '../task-context.ts'
import { cleanUpTable } from './sink/clean-up-table.ts'
import { planTransport } from './columns/column-transport.ts'
import { type End, withSessions } from './open-ends.ts'
import { passThrough } from './pass-through.ts'
import { publishTable } from './sink/publish-table.ts'
import { readFrames } from './sink/read-back.ts'
import { expectedOf, receiptOf, snapshotOf } from './receipt.ts'
import { pairColumns, type PairedColumn } from './columns/sink-columns.ts'
import { demandWarnings } from './columns/sink-demands.ts'
import {
  findTarget,
  guaranteeOf,
  planTableSink,
  type SinkColumn,
  type TableSinkEngine,
} from './sink/sink-plan.ts'
import { LedgerSinkPart } from './sink/sink-part.ts'
import {
  checkExpressions,
  openSource,
  policyWarnings,
  type OpenSource,
  selectList,
  shareSnapshot,
  showSource,
  splitSource,
  type TableLikeSource,
} from './source/source.ts'
import { SourceReader, SourceTypes } from './source/source-reader.ts'
import { TablePartEngine } from './source/source-parts.ts'
import { claimSink, continuePlan, guaranteeFor, SinkPlanEngine } from './table-plan.ts'
import { tableWarnings } from './sink/table-demands.ts'
import { TransactionSinkPart } from './sink/transaction-part.ts'

const Engine = SinkPlanEngine.extend({
  format: z.enum(['binary', 'text']),
  select: z.string(),
  sourceTypes: SourceTypes,
  sourceVersion: z.string(),
})

/** PostgreSQL to PostgreSQL: rows pass as the source's server framed them, and never become objects. */
export const tableToTable: CopyRoute = { prepare, part, publish, cleanUp: cleanUpTable }

async function prepare({ copy, epoch }: PrepareTask, ctx: TaskContext): Promise<CopyPlan> {
  const run = { runId: copy.activityRunId, part: 'run', epoch } as const
  return withSessions(ctx, async (open) => {
    ctx.progress({ phase: 'connecting', rows: '0', bytes: '0' })
    const { source, from, to } = await openEnds(copy, run, async (end) => await open(end))
    ctx.progress({ phase: 'planning', rows: '0', bytes: '0' })
    const opened = await openSource(from, source)
    const { columns, warnings, engine, sourceTypes } = await planColumns(copy, { opened, from, to })
    const { ledger, earlier } = await claimSink(to, engine, run)
    const splits = engine.mode !== 'transaction'
    const parallel = copy.options.parallelCopies
    const parts = earlier?.parts ?? (await splitSource(from, opened, { parallel, chunked: splits, splits }))
    const snapshot = await shareSnapshot({ store: source.store, parts }, ctx)
    if (earlier) return continuePlan(earlier, snapshot, ctx)
    const format = columns.every(({ isPortable }) => isPortable) ? 'binary' : 'text'
    const versions = { sourceVersion: await from.version(), sinkVersion: await to.version() }
    const plan: CopyPlan = {
      guarantee: await guaranteeFor(to, engine),
      guaranteeReason: guaranteeOf(engine),
      writesThrough: engine.mode === 'direct',
      verification: copy.options.verification,
      canonicalForm: format === 'binary' ? 'pg-binary' : 'pg-text',
      columns: columns.map(toPlanColumn),
      parts,
      maxParallelParts: parallel ?? parts.length,
      engine: Engine.parse({
        sink: engine,
        format,
        select: selectList(columns),
        sourceTypes,
        isContinued: false,
        ...versions,
      }),
      warnings,
    }
    await ledger?.setNote(epoch, { plan })
    return snapshot ? { ...plan, snapshot } : plan
  })
}

/** Everything that can be wrong with columns, types and rights is found here, before the first row moves. */
async function planColumns(
  copy: CopySpec,
  { opened, from, to }: { opened: OpenSource; from: PgSession; to: PgSession },
): Promise<{ columns: Planned[]; warnings: string[]; engine: TableSinkEngine; sourceTypes: number[] }> {
  const { sink } = endsOf(copy)
  const existing = await findTarget(to, sink)
  const typed = opened.columns.map((column) => ({ ...column, types: opened.types }))
  const { pairs, warnings } = await pairColumns(to, typed, { existing, mapping: copy.mapping })
  const columns = pairs.map((pair) => ({
    ...pair,
    name: pair.sink.name,
    ...planTransport(pair.source, pair.sink),
  }))
  const described = await checkExpressions(from, opened, columns)
  warnings.push(...(await demandWarnings({ from, to }, pairs)))
  const { verification } = copy.options
  const wish = {
    sink,
    runId: copy.activityRunId,
    verification,
    existing,
    columns: columns.map((column) => toSinkColumn(column, verification)),
  }
  const engine = await planTableSink(to, wish)
  warnings.push(...(await policyWarnings(from, opened)))
  const { relation } = opened
  const demanding = { source: relation && { session: from, relation }, existing, pairs, engine }
  warnings.push(...(await tableWarnings(to, demanding)))
  return { columns, warnings, engine, sourceTypes: described.map(({ typeOid }) => typeOid) }
}

async function openEnds(
  copy: CopySpec,
  run: Pick<End, 'runId' | 'part' | 'epoch'>,
  open: (end: End) => Promise<PgSession>,
) {
  const { source, sink } = endsOf(copy)
  const [from, to] = await Promise.all([
    open({ ...run, store: source.store, side: 'source', object: showSource(source) }),
    open({ ...run, store: sink.store, side: 'sink', object: showTable(sink) }),
  ])
  if (source.kind === 'query') await from.useLoginsPath()
  return { source, from, sink, to }
}

async function part({ copy, plan, part, epoch }: PartTask, ctx: TaskContext): Promise<PartResult> {
  const started = performance.now()
  const engine = Engine.parse(plan.engine)
  const run = { runId: copy.activityRunId, part: part.index, epoch }
  return withSessions(ctx, async (open) => {
    const { from, to } = await openEnds(copy, run, async (end) => await open(end))
    const { format, select, sourceTypes } = engine
    const options = {
      engine: engine.sink,
      runId: copy.activityRunId,
      key: { part: part.index, epoch },
      format: `FORMAT ${format}`,
      verification: plan.verification,
      read: readFrames(format),
    }
    const writer = engine.sink.ledger
      ? await LedgerSinkPart.open(to, options, ctx)
      : await TransactionSinkPart.open(to, options, ctx)
    const read = {
      select,
      types: sourceTypes,
      part: TablePartEngine.parse(part.engine),
      options: options.format,
      snapshotId: plan.snapshot?.id,
    }
    const reader = await SourceReader.open(from, read, ctx)
    const totals = {
      ...(part.estimatedRows !== undefined && { totalRows: part.estimatedRows }),
      ...(part.estimatedBytes !== undefined && { totalBytes: part.estimatedBytes }),
    }
    const verification = plan.verification
    const result = await passThrough({ reader, sink: writer, format, verification, totals }, ctx)
    return { ...result, durationMs: performance.now() - started, engine: {} }
  })
}

async function publish({ copy, plan, results, epoch }: PublishTask, ctx: TaskContext): Promise<CopyReceipt> {
  const { sink } = endsOf(copy)
  const engine = Engine.parse(plan.engine)
  const end = { store: sink.store, side: 'sink', runId: copy.activityRunId, part: 'run', epoch } as const
  return withSessions(ctx, async (open) => {
    const object = showTable(sink)
    const sessions = await Promise.all([open({ ...end, object }), open({ ...end, object })])
    const { parts, expected } = expectedOf(plan, results)
    const outcome = await publishTable(
      {
        engine: engine.sink,
        runId: copy.activityRunId,
        epoch,
        verification: plan.verification,
        parts,
        expected,
        read: readFrames(engine.format),
      },
      sessions,
      ctx,
    )
    return receiptOf(plan, results, {
      ...outcome,
      snapshot: snapshotOf(results, engine.isContinued),
      versions: [
        { role: 'source', version: `PostgreSQL ${engine.sourceVersion}` },
        { role: 'sink', version: `PostgreSQL ${engine.sinkVersion}` },
      ],
    })
  })
}

function endsOf({ source, sink }: CopySpec): {
  source: TableLikeSource
  sink: Extract<CopySpec['sink'], { kind: 'table' }>
} {
  if (source.kind === 'files' || sink.kind !== 'table')
    throw new TaskFailure('internal', 'this route copies between tables')
  return { source, sink }
}

type Planned = PairedColumn & ReturnType<typeof planTransport> & { name: string }

/**
 * Text for a type that only the sink knows: what the sink makes of it may read differently, so that for verification the text
 * itself is staged.
 */
function toSinkColumn(
  { sink, source, isPortable, expression }: Planned,
  verification: VerificationLevel,
): SinkColumn {
  const { name, type, notNull, isKey } = sink
  const isConverted = !isPortable && expression.endsWith('::text') && type !== source.type
  const stagedAs = isConverted && verification === 'content' ? 'text' : undefined
  return { name, type, notNull, isKey, stagedAs }
}

function toPlanColumn({ source, sink, lossy }: Planned): CopyPlan['columns'][number] {
  return { source: storeColumn(source), sink: storeColumn(sink), ...(lossy !== undefined && { lossy }) }
}

function storeColumn({ name, type, notNull, isKey }: PairedColumn['sink']): StoreColumn {
  return { name, type, nullable: !notNull, isKey }
}
