import { createHash } from 'node:crypto'
import { z } from 'zod'
import {
  type CopyPlan,
  CopyPart,
  type CopyReceipt,
  type CopySpec,
  type PartResult,
} from '../../../lib/protocol/copy-plan.ts'
import { productVersion } from '../../../lib/protocol/version.ts'
import type { FileEntry, FileReader, FileStore } from '../../connectors/connector.ts'
import { cleanPath, joinPath } from '../../connectors/file-names.ts'
import { TaskFailure } from '../failure.ts'
import type { CopyRoute, PartTask, PrepareTask, PublishTask } from '../routes.ts'
import { requireLease } from '../table/sink/sink-part.ts'
import { partCount } from '../table/source/source-parts.ts'
import type { TaskContext } from '../task-context.ts'
import { FilesSinkEngine, withFileStore } from './files-sink.ts'
import { selectFiles } from './inspect-files.ts'
import { cleanUpFiles, publishFiles } from './publish-rows.ts'
import type { FilesSink, FilesSource } from './row-format.ts'
import { StagedFileResult } from './staged-reading.ts'

const Engine = FilesSinkEngine.extend({ sourceVersion: z.string() })
const SourceFile = z.object({
  path: z.string(),
  sizeBytes: z.number().int().nonnegative(),
  modifiedAt: z.string(),
  etag: z.string().exactOptional(),
  /** Where it goes. */
  target: z.string(),
})
type SourceFile = z.infer<typeof SourceFile>
const PartEngine = z.object({ files: z.array(SourceFile) })
/** With the SHA-256 of the bytes as they were read. */
const CopiedFile = StagedFileResult.extend({ sha256: z.string() })
type CopiedFile = z.infer<typeof CopiedFile>

/** Files of any kind, byte for byte, with the folders between them. */
export const filesToFiles: CopyRoute = { prepare, part, publish, cleanUp: cleanUpFiles }

async function prepare({ copy }: PrepareTask, ctx: TaskContext): Promise<CopyPlan> {
  const { source, sink } = endsOf(copy)
  ctx.progress({ phase: 'connecting', rows: '0', bytes: '0' })
  const found = await withFileStore(source, { side: 'source', ctx }, async (store) => ({
    entries: await selectFiles(store, source),
    version: store.words.version,
  }))
  ctx.progress({ phase: 'planning', rows: '0', bytes: '0' })
  const files = found.entries.map((entry) => ({ ...entry, target: targetOf(source, sink, entry) }))
  requireOtherPlace(copy, files)
  const parallel = copy.options.parallelCopies
  const parts = splitByBytes(files, parallel)
  return withFileStore(sink, { side: 'sink', ctx }, async (store) => {
    const { container, writeBehavior } = sink
    const paths = files.map(({ target }) => target)
    const engine: z.infer<typeof Engine> = {
      replaces: await store.checkTargets({ container, writeBehavior, paths }),
      obsolete: {},
      sourceVersion: found.version,
    }
    return {
      guarantee: 'exactly-once',
      guaranteeReason: store.words.guarantee,
      verification: copy.options.verification,
      canonicalForm: 'bytes',
      columns: [],
      parts,
      maxParallelParts: parallel ?? parts.length,
      engine,
      warnings: [],
    }
  })
}

/** The path below the source's folder is kept below the sink's. */
function targetOf(source: FilesSource, sink: FilesSink, { path }: FileEntry): string {
  const folder = cleanPath(source.folder)
  const below = folder === '' ? path : path.slice(folder.length + 1)
  return cleanPath(joinPath(sink.folder, below))
}

function requireOtherPlace({ source, sink }: CopySpec, files: readonly SourceFile[]): void {
  if (source.kind !== 'files' || sink.kind !== 'files') return
  const isSameStore =
    source.store.linkedServiceId === sink.store.linkedServiceId && source.container === sink.container
  const same = isSameStore ? files.find(({ path, target }) => path === target) : undefined
  if (same)
    throw new TaskFailure(
      'store_conflict',
      `“${same.path}” would be copied onto itself: choose another folder.`,
      {
        side: 'sink',
        retryable: false,
      },
    )
}

/** Neighbours share a part until it has its share of the bytes, so that many small files cost few tasks. */
function splitByBytes(files: readonly SourceFile[], parallel: number | undefined): CopyPart[] {
  const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const share = bytes / partCount(bytes, parallel)
  const groups: SourceFile[][] = []
  let room = 0
  for (const file of files) {
    if (room <= 0) {
      groups.push([])
      room = share
    }
    groups.at(-1)?.push(file)
    room -= Math.max(1, file.sizeBytes)
  }
  return groups.map((group, index) => {
    const [first] = group
    const label = group.length === 1 ? (first?.path ?? '') : `${group.length} files from ${first?.path}`
    const size = group.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    return CopyPart.parse({
      index,
      label: label.slice(0, 500),
      estimatedBytes: String(size),
      engine: { files: group },
    })
  })
}

async function part({ copy, part, epoch }: PartTask, ctx: TaskContext): Promise<PartResult> {
  const started = performance.now()
  const { source, sink } = endsOf(copy)
  const { files } = PartEngine.parse(part.engine)
  const run = { runId: copy.activityRunId, part: part.index, epoch }
  const copied: CopiedFile[] = []
  await withFileStore(source, { side: 'source', ctx }, (from) =>
    withFileStore(sink, { side: 'sink', ctx }, async (to) => {
      let before = 0
      for (const [index, file] of files.entries()) {
        const report = (bytes: number): void => {
          const totalBytes = part.estimatedBytes ?? '0'
          ctx.progress({ phase: 'copying', rows: String(index), bytes: String(before + bytes), totalBytes })
        }
        const { container, folder } = sink
        const target = { ...run, container, folder, index, path: file.target }
        const reader = await from.openReader(source.container, file)
        copied.push(await copyBytes({ reader, to, target, report }, ctx))
        before += file.sizeBytes
      }
    }),
  )
  const bytes = String(copied.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0))
  const digest = digestOfFiles(copied)
  return {
    rowsRead: String(copied.length),
    rowsWritten: String(copied.length),
    bytesRead: bytes,
    bytesWritten: bytes,
    readDigest: digest,
    writtenDigest: digest,
    rowsResumed: '0',
    snapshot: 'none',
    durationMs: performance.now() - started,
    engine: { files: copied },
  }
}

type ByteCopy = {
  reader: FileReader
  to: FileStore
  target: Parameters<FileStore['openStagedWriter']>[0]
  report: (bytes: number) => void
}

/** Hashes what was read and compares its MD5 with that of what the store was given. */
async function copyBytes(
  { reader, to, target, report }: ByteCopy,
  ctx: Pick<TaskContext, 'canCommit' | 'signal'>,
): Promise<CopiedFile> {
  try {
    const writer = await to.openStagedWriter(target)
    try {
      const [md5, sha256] = [createHash('md5'), createHash('sha256')]
      let bytes = 0
      for await (const chunk of reader.stream()) {
        ctx.signal.throwIfAborted()
        const written = writer.write(chunk)
        md5.update(chunk)
        sha256.update(chunk)
        await written
        bytes += chunk.length
        report(bytes)
      }
      requireLease(ctx)
      const digest = sha256.digest('hex')
      const file = await writer.commit(digest)
      if (file.md5 !== md5.digest('hex') || file.sizeBytes !== reader.entry.sizeBytes)
        throw differs(target.path)
      return { ...file, sha256: digest }
    } catch (error) {
      await writer.abort()
      throw error
    }
  } finally {
    await reader.close()
  }
}

/** The digest of a set of files: SHA-256 over the sorted list of their paths and SHA-256s. */
function digestOfFiles(files: readonly Pick<CopiedFile, 'path' | 'sha256'>[]): string {
  const lines = files.map(({ path, sha256 }) => `${sha256}  ${path}\n`).toSorted()
  return createHash('sha256').update(lines.join('')).digest('hex')
}

async function publish(task: PublishTask, ctx: TaskContext): Promise<CopyReceipt> {
  const { copy, plan, results } = task
  const { sink } = endsOf(copy)
  const engine = Engine.parse(plan.engine)
  if (results.length !== plan.parts.length)
    throw new TaskFailure('internal', 'a part of the copy has no result')
  const files = results.flatMap(({ result }) => CopiedFile.array().parse(result.engine['files']))
  const sum = String(files.reduce((total, { sizeBytes }) => total + sizeBytes, 0))
  return withFileStore(sink, { side: 'sink', ctx }, async (store) => {
    const checks = [`${files.length} files with ${sum} bytes read and written`]
    if (plan.verification !== 'counts')
      checks.push('MD5 of every file as read equals its MD5 as handed to the store', store.words.integrity)
    if (plan.verification === 'content') {
      for (const file of files) await verify(store, { sink, file }, ctx)
      checks.push(`${files.length} staged files read again: same SHA-256`)
    }
    const { replaces } = engine
    const published = await publishFiles(task, { store, replaces }, ctx)
    const digest = digestOfFiles(files)
    return {
      rowsRead: String(files.length),
      rowsWritten: String(files.length),
      bytesRead: sum,
      bytesWritten: sum,
      sourceDigest: digest,
      sinkDigest: digest,
      guarantee: plan.guarantee,
      guaranteeReason: plan.guaranteeReason,
      verification: plan.verification,
      checks,
      canonicalForm: plan.canonicalForm,
      snapshot: 'none',
      versions: [
        { role: 'source', version: engine.sourceVersion },
        { role: 'sink', version: store.words.version },
        { role: 'agent', version: productVersion },
      ],
      filesWritten: published.files.map((file) => ({
        ...file,
        path: joinPath(sink.container ?? '', file.path),
      })),
    }
  })
}

/** A staged file that is gone was published before an answer was lost: `publish` recognises it by its content. */
async function verify(
  store: FileStore,
  { sink, file }: { sink: FilesSink; file: CopiedFile },
  ctx: Pick<TaskContext, 'signal' | 'progress'>,
): Promise<void> {
  const reader = await store.openStagedReader(sink.container, file)
  if (!reader) return
  try {
    ctx.progress({ phase: 'verifying', rows: '0', bytes: '0' })
    const hash = createHash('sha256')
    for await (const chunk of reader.stream()) {
      ctx.signal.throwIfAborted()
      hash.update(chunk)
    }
    if (hash.digest('hex') !== file.sha256) throw differs(file.path)
  } finally {
    await reader.close()
  }
}

function differs(path: string): TaskFailure {
  return new TaskFailure('verification_failed', `File “${path}” differs from what was read.`, {
    side: 'sink',
  })
}

function endsOf({ source, sink }: CopySpec): { source: FilesSource; sink: FilesSink } {
  if (source.kind !== 'files' || sink.kind !== 'files')
    throw new TaskFailure('internal', 'this route copies files to files')
  if (source.format !== 'binary' || sink.format !== 'binary')
    throw new TaskFailure(
      'type_unsupported',
      'Files are copied to files as they are: choose the format binary at both ends.',
    )
  return { source, sink }
}
