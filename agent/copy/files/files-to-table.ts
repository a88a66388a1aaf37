import { z } from 'zod'
import type { CopyPlan, CopyReceipt, CopySpec, PartResult } from '../../../lib/protocol/copy-plan.ts'
import { castMark } from '../../../lib/protocol/conversions.ts'
import { loadTypes, resolveDomain } from '../../connectors/postgresql/pg-types.ts'
import { showTable } from '../../connectors/postgresql/quote.ts'
import type { PgSession } from '../../connectors/postgresql/session.ts'
import { TaskFailure } from '../failure.ts'
import type { CopyRoute, PartTask, PrepareTask, PublishTask } from '../routes.ts'
import type { PgColumn } from '../rows.ts'
import { cleanUpTable } from '../table/sink/clean-up-table.ts'
import { withSessions } from '../table/open-ends.ts'
import { publishTable } from '../table/sink/publish-table.ts'
import { readFrames, type RowReader } from '../table/sink/read-back.ts'
import { expectedOf, receiptOf } from '../table/receipt.ts'
import { pairColumns, type PairedColumn } from '../table/columns/sink-columns.ts'
import { checkCasts, demandWarnings } from '../table/columns/sink-demands.ts'
import { LedgerSinkPart } from '../table/sink/sink-part.ts'
import {
  findTarget,
  guaranteeOf,
  planTableSink,
  type SinkColumn,
  type TableSinkEngine,
} from '../table/sink/sink-plan.ts'
import { tableWarnings } from '../table/sink/table-demands.ts'
import { claimSink, continuePlan, guaranteeFor, SinkPlanEngine } from '../table/table-plan.ts'
import { TransactionSinkPart } from '../table/sink/transaction-part.ts'
import type { TaskContext } from '../task-context.ts'
import { DirectRows, planDirect, readAsWritten, readsOtherwise } from './direct-rows.ts'
import { divideFiles } from './divide-files.ts'
import { FilesPartEngine, type ShapedFile, splitFiles } from './file-parts.ts'
import { copyFileRows } from './file-rows-part.ts'
import { withFileStore } from './files-sink.ts'
import { type FoundFiles, inspectFiles, requireSeenColumns, sampleWarnings } from './inspect-files.ts'
import { type FilesSource, ReadPlan } from './row-format.ts'
import { rowFormatFor } from './row-formats.ts'

const Engine = SinkPlanEngine.extend({
  read: ReadPlan,
  direct: DirectRows.nullable().default(null),
  sourceVersion: z.string(),
})
/** Whether all rows of the part were compared in the table itself. */
const PartEngine = z.object({ isDirect: z.boolean().default(false) })

/** Files that hold rows to PostgreSQL. */
export const filesToTable: CopyRoute = { prepare, part, publish, cleanUp: cleanUpTable }

async function prepare({ copy, epoch }: PrepareTask, ctx: TaskContext): Promise<CopyPlan> {
  const { source, sink } = endsOf(copy)
  ctx.progress({ phase: 'connecting', rows: '0', bytes: '0' })
  const found = await withFileStore(source, { side: 'source', ctx }, (store) =>
    inspectFiles(store, source, ctx),
  )
  const run = { runId: copy.activityRunId, part: 'run', epoch } as const
  return withSessions(ctx, async (open) => {
    const end = { ...run, store: sink.store, side: 'sink', object: showTable(sink) } as const
    const to = await open(end)
    ctx.progress({ phase: 'planning', rows: '0', bytes: '0' })
    const { columns, warnings, read, direct, engine } = await planColumns(copy, { found, to })
    const { ledger, earlier } = await claimSink(to, engine, run)
    if (earlier) return continuePlan(earlier, undefined, ctx)
    const parallel = copy.options.parallelCopies
    const parts = await planParts(
      source,
      { files: found.files, isOne: engine.mode === 'transaction', parallel },
      ctx,
    )
    const plan: CopyPlan = {
      guarantee: await guaranteeFor(to, engine),
      guaranteeReason: guaranteeOf(engine),
      writesThrough: engine.mode === 'direct',
      verification: copy.options.verification,
      canonicalForm: read.canonicalForm,
      columns,
      parts,
      maxParallelParts: parallel ?? Math.max(1, parts.length),
      engine: Engine.parse({
        sink: engine,
        read,
        direct,
        isContinued: false,
        sourceVersion: found.version,
        sinkVersion: await to.version(),
      }),
      warnings,
    }
    await ledger?.setNote(epoch, { plan })
    return plan
  })
}

type Division = { files: readonly ShapedFile[]; isOne: boolean; parallel: number | undefined }

/** One transaction for the whole copy takes one part. */
async function planParts(source: FilesSource, { files, isOne, parallel }: Division, ctx: TaskContext) {
  if (isOne) return splitFiles(files, 1)
  const divided = await withFileStore(source, { side: 'source', ctx }, (store) =>
    divideFiles(store, { source, files }, parallel),
  )
  return splitFiles(divided, parallel)
}

type Planned = {
  columns: CopyPlan['columns']
  warnings: string[]
  read: ReadPlan
  direct: DirectRows | null
  engine: TableSinkEngine
}

async function planColumns(
  copy: CopySpec,
  { found, to }: { found: FoundFiles; to: PgSession },
): Promise<Planned> {
  const { source, sink } = endsOf(copy)
  requireSeenColumns(found, copy.mapping)
  const existing = await findTarget(to, sink)
  const oids = found.columns.map(({ typeOid }) => typeOid)
  const types = await loadTypes(to, oids)
  const typed = found.columns.map((column) => ({ ...column, types, notNull: !column.nullable, isKey: false }))
  const { pairs, warnings } = await pairColumns(to, typed, { existing, mapping: copy.mapping })
  const { verification } = copy.options
  const format = rowFormatFor(source.format)
  const natural = pairs.map((pair) => ({
    natural: naturalOf(found.columns, pair),
    sinkType: baseType(pair),
  }))
  const read = format.planRead(natural, { ...formatOptions(source), verification })
  for (const { entry, shape } of found.files)
    format.requireTypes?.({ path: entry.path, columns: shape.columns }, read)
  const columns = pairs.map(({ sink: { name, type, notNull, isKey } }, index): SinkColumn => {
    const arrives = read.columns[index]
    return { name, type, notNull, isKey, ...(arrives?.isStaged && { stagedAs: arrives.type }) }
  })
  await checkCasts(to, columns)
  const wish = { sink, runId: copy.activityRunId, verification, existing, columns }
  const engine = await planTableSink(to, wish)
  const directly = format.planDirect?.(natural, formatOptions(source))
  const direct = await planDirect(to, { sink: engine, existing, read: directly })
  if (!existing) warnings.push(...sampleWarnings(found, copy.mapping))
  warnings.push(...found.warnings, ...(await demandWarnings({ from: null, to }, pairs)))
  warnings.push(...(await tableWarnings(to, { source: null, existing, pairs, engine })))
  const shown = pairs.map((pair, index) => toPlanColumn(pair, read.columns[index]))
  return { columns: shown, warnings, read, direct, engine }
}

async function part(task: PartTask, ctx: TaskContext): Promise<PartResult> {
  const { copy, plan, part, epoch } = task
  const started = performance.now()
  const { sink } = endsOf(copy)
  const { direct, read, sink: engine } = Engine.parse(plan.engine)
  const run = { runId: copy.activityRunId, part: part.index, epoch }
  return withSessions(ctx, async (open) => {
    const to = await open({ ...run, store: sink.store, side: 'sink', object: showTable(sink) })
    const copied = direct ? await copyDirectly(task, { to, direct }, ctx) : null
    const { rows, isDirect } = copied
      ? { rows: copied, isDirect: true }
      : {
          rows: await copyRows(task, { to, read, sink: engine, readBack: readFrames('binary') }, ctx),
          isDirect: false,
        }
    return { ...rows, durationMs: performance.now() - started, engine: PartEngine.parse({ isDirect }) }
  })
}

/** Null where the part is to go on by way of a temporary table. */
async function copyDirectly(
  task: PartTask,
  { to, direct }: { to: PgSession; direct: DirectRows },
  ctx: TaskContext,
) {
  try {
    return await copyRows(task, { to, ...direct, readBack: readAsWritten }, ctx)
  } catch (error) {
    if (!readsOtherwise(error)) throw error
    await to.query('ROLLBACK')
    ctx.log(
      'info',
      'The file writes values otherwise than the server does: its rows are compared in a temporary table, as text.',
    )
    return null
  }
}

/** `readBack`: how the rows of a chunk are read again from where it was written. */
type Way = DirectRows & { to: PgSession; readBack: RowReader }

async function copyRows(
  { copy, plan, part, epoch }: PartTask,
  { to, read, sink, readBack }: Way,
  ctx: TaskContext,
) {
  const { source } = endsOf(copy)
  const { files, chunkBytes } = FilesPartEngine.parse(part.engine)
  const options = {
    engine: sink,
    runId: copy.activityRunId,
    key: { part: part.index, epoch },
    format: read.copyOptions,
    verification: plan.verification,
    read: readBack,
  }
  const writer = sink.ledger
    ? await LedgerSinkPart.open(to, options, ctx)
    : await TransactionSinkPart.open(to, options, ctx)
  return withFileStore(source, { side: 'source', ctx }, (store) =>
    copyFileRows(
      {
        store,
        container: source.container,
        files,
        chunkBytes,
        format: rowFormatFor(source.format),
        read: { plan: read, options: formatOptions(source) },
        sink: writer,
        verification: plan.verification,
        totals: part.estimatedRows === undefined ? {} : { totalRows: part.estimatedRows },
      },
      ctx,
    ),
  )
}

async function publish({ copy, plan, results, epoch }: PublishTask, ctx: TaskContext): Promise<CopyReceipt> {
  const { sink } = endsOf(copy)
  const engine = Engine.parse(plan.engine)
  const end = { store: sink.store, side: 'sink', runId: copy.activityRunId, part: 'run', epoch } as const
  return withSessions(ctx, async (open) => {
    const object = showTable(sink)
    const sessions = await Promise.all([open({ ...end, object }), open({ ...end, object })])
    const { parts, expected } = expectedOf(plan, results)
    const isDirect = results.every(({ result }) => PartEngine.parse(result.engine).isDirect)
    const outcome = await publishTable(
      {
        engine: isDirect ? { ...engine.sink, casts: {} } : engine.sink, // the rows never were of another type
        runId: copy.activityRunId,
        epoch,
        verification: plan.verification,
        parts,
        expected,
        read: readFrames('binary'),
      },
      sessions,
      ctx,
    )
    return receiptOf(plan, results, {
      ...outcome,
      snapshot: 'none',
      versions: [
        { role: 'source', version: engine.sourceVersion },
        { role: 'sink', version: `PostgreSQL ${engine.sinkVersion}` },
      ],
    })
  })
}

function endsOf({ source, sink }: CopySpec): {
  source: FilesSource
  sink: Extract<CopySpec['sink'], { kind: 'table' }>
} {
  if (source.kind !== 'files' || sink.kind !== 'table')
    throw new TaskFailure('internal', 'this route copies from files to a table')
  return { source, sink }
}

function formatOptions({ csv }: FilesSource): { csv: FilesSource['csv'] } {
  return { csv }
}

function naturalOf(columns: readonly PgColumn[], { source }: PairedColumn): PgColumn {
  const found = columns.find(({ name }) => name === source.name)
  if (!found) throw new RangeError('a pair without its column')
  return found
}

function baseType({ sink }: PairedColumn): string {
  return resolveDomain(sink.types, sink).text
}

function toPlanColumn(
  pair: PairedColumn,
  arrives: ReadPlan['columns'][number] | undefined,
): CopyPlan['columns'][number] {
  const { source, sink } = pair
  const { name, type, notNull, isKey } = sink
  const mark = arrives?.isStaged ? castMark(arrives.type, baseType(pair)) : null
  return {
    source: { name: source.name, type: source.type, nullable: !source.notNull },
    sink: { name, type, nullable: !notNull, isKey },
    ...(mark?.level === 'loses' && { lossy: `${source.type} → ${type}: ${mark.text}` }),
  }
}
