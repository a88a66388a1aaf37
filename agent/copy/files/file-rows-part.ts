import type { PartResult, VerificationLevel } from '../../../lib/protocol/copy-plan.ts'
import type { FileStore } from '../../connectors/connector.ts'
import type { CopyIn } from '../../connectors/postgresql/copy-streams.ts'
import { addDigests, digestHex, emptyDigest, type RowDigest } from '../../digest/row-digest.ts'
import { TaskFailure } from '../failure.ts'
import { copyHeader, copyTrailer } from '../rows.ts'
import { digestOf, progressReporter, requireEqualCounts } from '../table/pass-through.ts'
import type { SinkPart } from '../table/sink/sink-part.ts'
import type { TaskContext } from '../task-context.ts'
import type { FileRange } from './file-parts.ts'
import type { FileRead, MessageDigest, ReadPlan, RowReading } from './row-format.ts'

export type FileRowsCopy = {
  store: FileStore
  container: string | undefined
  files: readonly FileRange[]
  /** A step is committed when it is as large as this. */
  chunkBytes: number
  format: RowReading
  read: Pick<FileRead, 'plan' | 'options'>
  sink: SinkPart
  verification: VerificationLevel
  totals: { totalRows?: string }
}

/**
 * Writes the rows of a part's files to a table, chunk by chunk. The part's position counts through its files: a later attempt
 * goes on behind the last commit.
 */
export async function copyFileRows(
  copy: FileRowsCopy,
  ctx: Pick<TaskContext, 'progress' | 'signal'>,
): Promise<Omit<PartResult, 'durationMs' | 'engine'>> {
  const { sink, files } = copy
  const resumed = digestOf(sink.progress)
  if (!sink.progress.isDone) {
    const chunks = new Chunks(copy, resumed)
    const report = progressReporter(copy.totals, ctx)
    let before = 0
    for (const file of files) {
      const offset = before - file.start
      const start = Math.max(file.start, sink.progress.position - offset)
      if (start < file.end) await copyFile({ copy, chunks, report, offset }, { ...file, start }, ctx)
      before += file.end - file.start
    }
    await chunks.commit({ position: before, isDone: true })
  }
  const total = digestOf(sink.progress)
  return {
    rowsRead: String(total.rows),
    rowsWritten: String(total.rows),
    bytesRead: String(total.bytes),
    bytesWritten: String(total.bytes),
    readDigest: digestHex(total),
    writtenDigest: copy.verification === 'counts' ? '' : digestHex(total),
    rowsResumed: String(resumed.rows),
    snapshot: 'none',
  }
}

type Running = {
  copy: FileRowsCopy
  chunks: Chunks
  report: (digest: RowDigest) => void
  /** From a position in the file to one in the part, wherever in the file this attempt begins. */
  offset: number
}

async function copyFile(
  { copy, chunks, report, offset }: Running,
  file: FileRange,
  ctx: Pick<TaskContext, 'signal'>,
): Promise<void> {
  const reader = await copy.store.openReader(copy.container, file)
  chunks.beginFile(file)
  try {
    const { start, end } = file
    const rows = await copy.format.openRows(reader, { ...copy.read, start, end })
    const done = (sent: Uint8Array) => rows.done(sent)
    for await (const { bytes, position } of rows.chunks(ctx.signal)) {
      await chunks.write(bytes, rows.digest(), done)
      report(chunks.total)
      if (position !== null && chunks.isFull)
        await chunks.commit({ position: offset + position, isDone: false })
    }
    chunks.endFile(rows.digest())
  } finally {
    await reader.close()
  }
}

/** The open chunk and what was read and sent so far. */
class Chunks {
  readonly #sink: SinkPart
  readonly #plan: ReadPlan
  readonly #chunkBytes: number
  readonly #sent: MessageDigest | null
  #into: CopyIn | null = null
  #openBytes = 0
  #file: FileRange | null = null
  /** Where the open chunk begins: what the sink says of its rows counts from there. */
  #begins: { file: FileRange; row: bigint } | null = null
  /** Committed by earlier attempts, and read from the files before the open one. */
  readonly #resumed: RowDigest
  #closed: RowDigest = emptyDigest
  #open: RowDigest = emptyDigest
  #rowsCommitted = 0n

  constructor({ sink, read, format, verification, chunkBytes }: FileRowsCopy, resumed: RowDigest) {
    this.#sink = sink
    this.#plan = read.plan
    this.#chunkBytes = chunkBytes
    this.#sent = verification === 'counts' ? null : format.sentDigest(read.plan, read.options)
    this.#resumed = resumed
  }

  get total(): RowDigest {
    return addDigests(this.#resumed, this.#read)
  }

  get isFull(): boolean {
    return this.#openBytes >= this.#chunkBytes
  }

  get #read(): RowDigest {
    return addDigests(this.#closed, this.#open)
  }

  /** `digest` is that of the open file so far; `done` gets the bytes back when they were sent. */
  async write(bytes: Uint8Array, digest: RowDigest, done: (bytes: Uint8Array) => void): Promise<void> {
    const into = await this.#begin()
    this.#sent?.scan(bytes)
    if (this.#file) this.#begins ??= { file: this.#file, row: this.#open.rows + 1n }
    await into.writeMessages(bytes, done).catch(this.#refused)
    this.#openBytes += bytes.length
    this.#open = digest
  }

  beginFile(file: FileRange): void {
    this.#file = file
  }

  endFile(digest: RowDigest): void {
    this.#closed = addDigests(this.#closed, digest)
    this.#open = emptyDigest
  }

  async commit({ position, isDone }: { position: number; isDone: boolean }): Promise<void> {
    const into = await this.#begin()
    if (this.#plan.copyFormat === 'binary') await into.writeMessages(copyTrailer).catch(this.#refused)
    const taken = await into.finish().catch(this.#refused)
    const read = this.#read
    const seen = read.rows - this.#rowsCommitted
    requireEqualCounts({ sent: seen, seen, taken })
    if (this.#sent && digestHex(this.#sent.digest()) !== digestHex(read))
      throw new TaskFailure(
        'verification_failed',
        'The digest of the rows as read differs from the digest of the rows as handed to the sink.',
        { side: 'node' },
      )
    const { rows, bytes, ...sums } = this.total
    await this.#sink.commit({ position, isDone, rows, bytes, digest: digestHex(sums) }).catch(this.#refused)
    this.#rowsCommitted = read.rows
    this.#into = null
    this.#openBytes = 0
    this.#begins = null
  }

  /** The sink counts the rows of a chunk; a person looks into files. */
  readonly #refused = (error: unknown): never => {
    if (!(error instanceof TaskFailure && error.code === 'invalid_data') || !this.#begins) throw error
    const { file, row } = this.#begins
    const since = file.start > 0 ? `, counted from position ${file.start}` : ''
    const until = this.#file && this.#file !== file ? `, and ends in file “${this.#file.path}”` : ''
    const where = `The chunk begins at row ${row} of file “${file.path}”${since}${until}.`
    throw new TaskFailure(error.code, `${error.message} ${where}`, { side: error.side, cause: error.cause })
  }

  async #begin(): Promise<CopyIn> {
    if (this.#into) return this.#into
    this.#into = await this.#sink.begin()
    if (this.#plan.copyFormat === 'binary') await this.#into.writeMessages(copyHeader)
    return this.#into
  }
}
