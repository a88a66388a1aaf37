import type { CopyReceipt } from '../../../lib/protocol/copy-plan.ts'
import type { CleanUpResult } from '../../../lib/protocol/task.ts'
import type { FileStore, Published, PublishRequest, StagedFile } from '../../connectors/connector.ts'
import { addDigests, digestHex, type RowDigest } from '../../digest/row-digest.ts'
import { TaskFailure } from '../failure.ts'
import type { CleanUpTask, PublishTask } from '../routes.ts'
import { digestOfResult, expectedOf, receiptOf, snapshotOf } from '../table/receipt.ts'
import { requireLease } from '../table/sink/sink-part.ts'
import { inParts, sayRows } from '../say-rows.ts'
import type { TaskContext } from '../task-context.ts'
import { familyOf, withFileStore } from './files-sink.ts'
import { readAllStaged } from './read-staged.ts'
import type { FilesSink } from './row-format.ts'
import { rowFormatFor } from './row-formats.ts'
import { RowFilesEngine } from './row-files-engine.ts'
import { StagedFileResult } from './staged-reading.ts'

/** Reads the staged files again where the level asks for it, then gives all of them their final names. */
export async function publishRows(task: PublishTask, ctx: TaskContext): Promise<CopyReceipt> {
  const { plan, results, copy } = task
  const { expected } = expectedOf(plan, results)
  const engine = RowFilesEngine.parse(plan.engine)
  const sink = filesSinkOf(task)
  return withFileStore(sink, { side: 'sink', ctx }, async (store) => {
    const checks = [
      `${sayRows(expected.rows)} read and ${sayRows(expected.rows)} handed to the file writer, per part and in total`,
    ]
    if (plan.verification !== 'counts')
      checks.push(
        `digest of the rows as read equals digest of the rows as written, ${inParts(results.length)}`,
        store.words.integrity,
      )
    const found = plan.verification === 'content' ? await readBack(task, engine, ctx) : null
    if (found)
      checks.push(
        `${sayRows(found.rows)} read again from the staged files: same digest, and the same MD5 of every file`,
      )
    const { replaces, obsolete } = engine
    const { writeBehavior } = sink
    const family = familyOf(sink, rowFormatFor(sink.format).extension(sink))
    const earlier = { family, writeBehavior, obsolete }
    const published = await publishFiles(task, { store, replaces, earlier }, ctx)
    checks.push(`${published.files.length} files got their names after the check`)
    if (published.removed.length > 0) checks.push(removedWords(published.removed))
    return receiptOf(plan, results, {
      rowsWritten: String(expected.rows),
      sinkDigest: digestHex(found ?? expected),
      checks,
      filesWritten: published.files.map((file) => ({ ...file, path: shownPath(copy.sink, file.path) })),
      snapshot: snapshotOf(results, false),
      versions: [
        { role: 'source', version: `PostgreSQL ${engine.sourceVersion}` },
        { role: 'sink', version: store.words.version },
      ],
    })
  })
}

/** The one step that cannot be taken back: afterwards the files are there, before it nothing is. */
export async function publishFiles(
  { copy, results, epoch }: PublishTask,
  { store, ...rest }: Pick<PublishRequest, 'replaces' | 'earlier'> & { store: FileStore },
  ctx: TaskContext,
): Promise<Published> {
  const sink = filesSinkOf({ copy })
  const { container, folder } = sink
  const runId = copy.activityRunId
  const files = results.flatMap(({ result }) => stagedFiles(result.engine))
  ctx.progress({ phase: 'publishing', rows: '0', bytes: '0' })
  await ctx.committing()
  requireLease(ctx)
  const published = await store.publish({ container, runId, epoch, files, ...rest })
  if (published.removed.length > 0) ctx.log('info', removedWords(published.removed))
  // What other attempts of the parts left behind.
  await store.removeStaging({ container, runId, folder })
  return published
}

function removedWords(paths: readonly string[]): string {
  const shown = paths.slice(0, 10).join(', ')
  return `${paths.length} files of an earlier copy, which this one did not write again, were removed: ${shown}${paths.length > 10 ? ', …' : ''}`
}

function stagedFiles(engine: Readonly<Record<string, unknown>>): StagedFile[] {
  return StagedFileResult.array().parse(engine['files'] ?? [engine['file']])
}

/** Removes what the run staged; a published file is not staged any more. */
export async function cleanUpFiles({ copy }: CleanUpTask, ctx: TaskContext): Promise<CleanUpResult> {
  const sink = filesSinkOf({ copy })
  const { container, folder } = sink
  ctx.progress({ phase: 'cleaning', rows: '0', bytes: '0' })
  try {
    const removed = await withFileStore(sink, { side: 'sink', ctx }, (store) =>
      store.removeStaging({ container, runId: copy.activityRunId, folder }),
    )
    return { removed }
  } catch (error) {
    if (error instanceof TaskFailure && error.code === 'not_found') return { removed: [] }
    throw error
  }
}

/** A staged file that is gone holds what its part was seen to write: it was published before an answer was lost. */
async function readBack(
  { copy, results }: PublishTask,
  { columns }: Pick<RowFilesEngine, 'columns'>,
  ctx: TaskContext,
): Promise<RowDigest> {
  const sink = filesSinkOf({ copy })
  const parts = results.flatMap(({ result }) =>
    stagedFiles(result.engine).map((file) => ({ file, expected: digestOfResult(result) })),
  )
  const digests: RowDigest[] = []
  await readAllStaged(
    parts.map(({ file }) => ({ sink, columns, file })),
    (index, found) => {
      const part = parts[index]
      if (!part) throw new RangeError('a file without its part')
      if (found) requireSame(found, part.expected, part.file.path)
      digests.push(found ?? part.expected)
      const { rows, bytes } = addDigests(...digests)
      ctx.progress({ phase: 'verifying', rows: String(rows), bytes: String(bytes) })
    },
    ctx,
  )
  return addDigests(...digests)
}

function requireSame(found: RowDigest, expected: RowDigest, path: string): void {
  if (found.rows === expected.rows && digestHex(found) === digestHex(expected)) return
  throw new TaskFailure(
    'verification_failed',
    found.rows === expected.rows
      ? `File “${path}” was read again and the digest of its ${found.rows} rows differs from the source's.`
      : `${expected.rows} rows were written to “${path}”, but ${found.rows} were found when it was read again.`,
    { side: 'sink' },
  )
}

function filesSinkOf({ copy }: Pick<PublishTask, 'copy'>): FilesSink {
  if (copy.sink.kind !== 'files') throw new TaskFailure('internal', 'this route writes files')
  return copy.sink
}

function shownPath(sink: PublishTask['copy']['sink'], path: string): string {
  return sink.kind === 'files' && sink.container ? `${sink.container}/${path}` : path
}
