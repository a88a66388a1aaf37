import type { CopyReceipt } from '../../../lib/protocol/copy-plan.ts'
import type { CleanUpResult } from '../../../lib/protocol/task.ts'
import type { FileStore, Published, PublishRequest, StagedFile } from '../../connectors/connector.ts'
import { addDigests, digestHex, type RowDigest } from '../../digest/row-digest.ts'
import { TaskFailure } from '../failure.ts'
import type { CleanUpTask, PublishTask } from '../routes.ts'
import { digestOfResult, expectedOf, receiptOf, snapshotOf } from '../table/receipt.ts'
import { requireLease } from '../table/sink-part.ts'
import { inParts, sayRows } from '../say-rows.ts'
import type { TaskContext } from '../task-context.ts'
import { familyOf, StagedFileResult, withFileStore } from './files-sink.ts'
import { HashingReader } from './hashing-reader.ts'
import type { FilesSink } from './row-format.ts'
import { rowFormatFor } from './row-formats.ts'
import { RowFilesEngine } from './row-files-engine.ts'

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
    const found = plan.verification === 'content' ? await readBack(task, { store, engine }, ctx) : null
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

/** A staged file that is gone was published before an answer was lost: `publish` recognises it by its content. */
async function readBack(
  { copy, results }: PublishTask,
  { store, engine }: { store: FileStore; engine: Pick<RowFilesEngine, 'columns'> },
  ctx: TaskContext,
): Promise<RowDigest> {
  const sink = filesSinkOf({ copy })
  const format = rowFormatFor(sink.format)
  const digests: RowDigest[] = []
  for (const { result } of results) {
    const [file] = stagedFiles(result.engine)
    const staged = file && (await store.openStagedReader(sink.container, file))
    const expected = digestOfResult(result)
    if (!staged) {
      digests.push(expected)
      continue
    }
    const reader = new HashingReader(staged)
    try {
      const found = await format
        .digest(reader, { columns: engine.columns, options: sink }, ctx.signal)
        .catch((error: unknown) => cannotBeRead(error, { file, reader, ctx }))
      requireSame(found, expected, file.path)
      if ((await reader.md5(ctx.signal)) !== file.md5) throw notAsWritten(file.path)
      digests.push(found)
    } finally {
      await reader.close()
    }
    const { rows, bytes } = addDigests(...digests)
    ctx.progress({ phase: 'verifying', rows: String(rows), bytes: String(bytes) })
  }
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

type FailedRead = { file: StagedFile; reader: HashingReader; ctx: Pick<TaskContext, 'signal'> }

/** Where the store gave the bytes, and they do not make a file, they are not those that were written. */
function cannotBeRead(error: unknown, { file, reader, ctx }: FailedRead): never {
  if (reader.hasFailed || ctx.signal.aborted) throw error
  throw new TaskFailure(
    'verification_failed',
    `File “${file.path}” was read again and could not be understood: it is not as it was written.`,
    { side: 'sink', cause: error },
  )
}

function notAsWritten(path: string): TaskFailure {
  return new TaskFailure(
    'verification_failed',
    `File “${path}” was read again and its MD5 differs from that of the bytes that were written.`,
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
