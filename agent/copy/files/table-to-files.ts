import { formatMark } from '../../../lib/protocol/conversions.ts'
import type { CopyPlan, CopySpec, PartResult } from '../../../lib/protocol/copy-plan.ts'
import { resolveDomain } from '../../connectors/postgresql/pg-types.ts'
import { quoteName } from '../../connectors/postgresql/quote.ts'
import type { PgSession } from '../../connectors/postgresql/session.ts'
import { CopyFrameScanner } from '../../digest/copy-frame-scanner.ts'
import { digestHex } from '../../digest/row-digest.ts'
import { TaskFailure } from '../failure.ts'
import type { CopyRoute, PartTask, PrepareTask } from '../routes.ts'
import { castSql } from '../table/columns/cast-sql.ts'
import { pairNames } from '../table/columns/column-pairs.ts'
import { type End, withSessions } from '../table/open-ends.ts'
import { progressReporter } from '../table/pass-through.ts'
import { requireLease } from '../table/sink/sink-part.ts'
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
} from '../table/source/source.ts'
import { SourceReader } from '../table/source/source-reader.ts'
import type { PgColumn } from '../rows.ts'
import type { TaskContext } from '../task-context.ts'
import { familyOf, targetPaths, withFileStore } from './files-sink.ts'
import { cleanUpFiles, publishRows } from './publish-rows.ts'
import { RowBatches } from './row-batches.ts'
import { RowTooLong } from './row-too-long.ts'
import { RowFilesEngine, RowFilesPart } from './row-files-engine.ts'
import type { FilesSink, RowFormat } from './row-format.ts'
import { rowFormatFor } from './row-formats.ts'

/** PostgreSQL to files that hold rows: each part of the table becomes one file. */
export const tableToFiles: CopyRoute = { prepare, part, publish: publishRows, cleanUp: cleanUpFiles }

async function prepare({ copy, epoch }: PrepareTask, ctx: TaskContext): Promise<CopyPlan> {
  const { source, sink } = endsOf(copy)
  const format = rowFormatFor(sink.format)
  return withSessions(ctx, async (open) => {
    ctx.progress({ phase: 'connecting', rows: '0', bytes: '0' })
    const run = { runId: copy.activityRunId, part: 'run', epoch } as const
    const from = await openFrom(source, (end) => open({ ...run, ...end }))
    ctx.progress({ phase: 'planning', rows: '0', bytes: '0' })
    const opened = await openSource(from, source)
    const columns = await planColumns({ mapping: copy.mapping, sink }, { from, opened, format })
    const warnings = columns.flatMap(({ warning }) => warning ?? [])
    warnings.push(...(await policyWarnings(from, opened)))
    const parallel = copy.options.parallelCopies
    const split = await splitSource(from, opened, { parallel, chunked: false, splits: true })
    const paths = targetPaths(sink, format.extension(sink), split.length)
    const parts = split.map((each, index) => ({
      ...each,
      engine: { ...each.engine, path: paths[index] ?? '' },
    }))
    return withFileStore(sink, { side: 'sink', ctx }, async (store) => {
      const { container, writeBehavior } = sink
      const replaces = await store.checkTargets({ container, writeBehavior, paths })
      const family = familyOf(sink, format.extension(sink))
      const obsolete =
        writeBehavior === 'overwrite' ? await store.findEarlier({ container, family, paths }) : {}
      const snapshot = await shareSnapshot({ store: source.store, parts }, ctx)
      const engine: RowFilesEngine = {
        replaces,
        obsolete,
        select: selectList(columns),
        columns: columns.map(({ column }) => column),
        sourceVersion: await from.version(),
      }
      return {
        guarantee: 'exactly-once',
        guaranteeReason: store.words.guarantee,
        verification: copy.options.verification,
        canonicalForm: format.canonicalForm,
        columns: columns.map(({ shown }) => shown),
        parts,
        maxParallelParts: parallel ?? parts.length,
        engine,
        warnings,
        ...(snapshot && { snapshot }),
      }
    })
  })
}

async function openFrom(
  source: TableLikeSource,
  open: (end: Pick<End, 'store' | 'side' | 'object'>) => Promise<PgSession>,
): Promise<PgSession> {
  const from = await open({ store: source.store, side: 'source', object: showSource(source) })
  if (source.kind === 'query') await from.useLoginsPath()
  return from
}

type PlannedColumn = {
  name: string
  expression: string
  column: PgColumn
  shown: CopyPlan['columns'][number]
  warning: string | null
}

/** Every type is held against the format, and every cast is tried by the source's server, before anything is copied. */
async function planColumns(
  { mapping, sink }: { mapping: CopySpec['mapping']; sink: FilesSink },
  { from, opened, format }: { from: PgSession; opened: OpenSource; format: RowFormat },
): Promise<PlannedColumn[]> {
  const names = opened.columns.map(({ name }) => name)
  const planned = pairNames(names, null, mapping).map((pair) => {
    const source = opened.columns.find(({ name }) => name === pair.source)
    if (!source) throw new RangeError('a pair without its column')
    const { text } = resolveDomain(opened.types, source)
    const plan = format.planColumn({ type: text, dimensions: source.dimensions }, pair.sinkType)
    const { castTo, render, formatType } = plan
    const mark = formatMark(render ? (pair.sinkType ?? text) : (castTo ?? text), sink.format)
    const lossy = plan.lossy ?? (mark?.level === 'loses' ? mark.text : undefined)
    const column = quoteName(source.name)
    const cast = castTo === null ? column : castSql(column, { from: text, to: castTo })
    const expression = render ? render(column) : cast
    const nullable = !source.notNull
    return {
      name: pair.sink,
      expression,
      type: castTo ?? text,
      nullable,
      shown: {
        source: { name: source.name, type: source.type, nullable, isKey: source.isKey },
        sink: { name: pair.sink, type: formatType, nullable },
        ...(lossy !== undefined && { lossy }),
      },
      warning: mark?.level === 'mayStop' ? `Column “${pair.sink}”: ${mark.text}.` : null,
    }
  })
  const described = await checkExpressions(from, opened, planned)
  return planned.map(({ type, nullable, ...column }, index) => {
    const { typeOid = 25, typmod = -1 } = described[index] ?? {}
    return { ...column, column: { name: column.name, typeOid, typmod, type, nullable } }
  })
}

async function part(task: PartTask, ctx: TaskContext): Promise<PartResult> {
  const { copy, plan, part, epoch } = task
  const { source, sink } = endsOf(copy)
  const engine = RowFilesEngine.parse(plan.engine)
  const own = RowFilesPart.parse(part.engine)
  const format = rowFormatFor(sink.format)
  const started = performance.now()
  return withSessions(ctx, async (open) => {
    const run = { runId: copy.activityRunId, part: part.index, epoch }
    const from = await openFrom(source, (end) => open({ ...run, ...end }))
    const options = `FORMAT ${format.copyFormat}`
    const types = engine.columns.map(({ typeOid }) => typeOid)
    const read = { select: engine.select, types, part: own, options, snapshotId: plan.snapshot?.id }
    const reader = await SourceReader.open(from, read, ctx)
    return withFileStore(sink, { side: 'sink', ctx }, async (store) => {
      const { container, folder } = sink
      const writer = await store.openStagedWriter({ ...run, container, folder, index: 0, path: own.path })
      try {
        const encoder = format.createEncoder({
          columns: engine.columns,
          options: sink,
          write: (bytes) => writer.write(bytes),
        })
        const digests = await copyRows(reader, { format, encoder, part }, ctx)
        requireLease(ctx)
        const file = await writer.commit(digests.readDigest)
        const bytesWritten = String(file.sizeBytes)
        const durationMs = performance.now() - started
        return { ...digests, bytesWritten, snapshot: reader.snapshot, durationMs, engine: { file } }
      } catch (error) {
        await writer.abort()
        throw error instanceof RowTooLong ? error.toFailure(showSource(source)) : error
      }
    })
  })
}

type Encoding = {
  format: RowFormat
  encoder: ReturnType<RowFormat['createEncoder']>
  part: PartTask['part']
}
type Digests = Pick<
  PartResult,
  'rowsRead' | 'rowsWritten' | 'bytesRead' | 'readDigest' | 'writtenDigest' | 'rowsResumed'
>

/** The digest of what the server sent is taken as it arrives; a second one, of what the encoder is handed, must agree. */
async function copyRows(
  reader: SourceReader,
  { format, encoder, part }: Encoding,
  ctx: Pick<TaskContext, 'progress'>,
): Promise<Digests> {
  const read = new CopyFrameScanner(format.copyFormat)
  const batches = new RowBatches()
  const handed = new CopyFrameScanner(format.copyFormat, batches.add)
  const totals = part.estimatedRows === undefined ? {} : { totalRows: part.estimatedRows }
  const report = progressReporter(totals, ctx)
  let sent = 0n
  for (let index = 0; index < reader.chunkCount; index++) {
    const out = reader.startChunk(index, read)
    handed.nextCopy()
    for (let chunk = await out.read(); chunk; chunk = await out.read()) {
      handed.scan(chunk)
      out.done(chunk)
      if (batches.isFull) await batches.flush((rows) => encoder.write(rows))
      report(handed.digest())
    }
    sent += await out.rows()
  }
  await batches.flush((rows) => encoder.write(rows))
  await encoder.finish()
  const [total, written] = [read.digest(), handed.digest()]
  if (sent !== total.rows || digestHex(written) !== digestHex(total))
    throw new TaskFailure(
      'verification_failed',
      `The source sent ${sent} rows, ${total.rows} arrived and ${written.rows} were handed on, or their digests differ.`,
      { side: 'node' },
    )
  return {
    rowsRead: String(total.rows),
    rowsWritten: String(total.rows),
    bytesRead: String(total.bytes),
    readDigest: digestHex(total),
    writtenDigest: digestHex(written),
    rowsResumed: '0',
  }
}

function endsOf({ source, sink }: CopySpec): { source: TableLikeSource; sink: FilesSink } {
  if (source.kind === 'files' || sink.kind !== 'files')
    throw new TaskFailure('internal', 'this route copies from a table to files')
  return { source, sink }
}
