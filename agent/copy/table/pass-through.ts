import type { CopyProgress, PartResult, VerificationLevel } from '../../../lib/protocol/copy-plan.ts'
import { CopyFrameScanner } from '../../digest/copy-frame-scanner.ts'
import {
  addDigests,
  digestHex,
  emptyDigest,
  parseDigestHex,
  type RowDigest,
} from '../../digest/row-digest.ts'
import { TaskFailure } from '../failure.ts'
import type { TaskContext } from '../task-context.ts'
import type { PartProgress } from './sink/ledger.ts'
import { PackedRows } from './sink/packed-rows.ts'
import type { SinkPart } from './sink/sink-part.ts'
import type { SourceReader } from './source/source-reader.ts'

export type PassThrough = {
  reader: SourceReader
  sink: SinkPart
  format: 'binary' | 'text'
  verification: VerificationLevel
  totals: Pick<CopyProgress, 'totalRows' | 'totalBytes'>
}

/**
 * Copies a part from one PostgreSQL to another: the source's rows go to the sink as they came. The source works on the next
 * chunk while the sink commits.
 */
export async function passThrough(
  copy: PassThrough,
  ctx: Pick<TaskContext, 'progress'>,
): Promise<Omit<PartResult, 'durationMs' | 'engine'>> {
  const { reader, sink } = copy
  const resumed = digestOf(sink.progress)
  const read = new CopyFrameScanner(copy.format)
  const written = new PackedRows(copy.format)
  const report = progressReporter(copy.totals, ctx)
  let position = sink.progress.position
  let before = 0n
  let out = sink.progress.isDone ? null : reader.startChunk(position, read)
  while (out) {
    const into = await sink.begin()
    await written.begin(into)
    for (let chunk = await out.read(); chunk; chunk = await out.read()) {
      report(addDigests(resumed, read.digest()))
      await written.write(chunk, into, out.done)
    }
    await written.end(into)
    const taken = await into.finish()
    requireEqualCounts({ sent: await out.rows(), seen: read.digest().rows - before, taken })
    const total = addDigests(resumed, read.digest())
    if (digestHex(written.digest()) !== digestHex(read.digest())) throw changedInside()
    position += 1
    before = read.digest().rows // the next chunk begins to arrive at once
    const isDone = position === reader.chunkCount
    out = isDone ? null : reader.startChunk(position, read)
    await sink.commit({ position, isDone, rows: total.rows, bytes: total.bytes, digest: digestHex(total) })
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
    snapshot: reader.snapshot,
  }
}

/** What is committed, as a digest. */
export function digestOf({ rows, bytes, digest }: PartProgress): RowDigest {
  return digest === '' ? emptyDigest : { rows, bytes, ...parseDigestHex(digest) }
}

export function requireEqualCounts(counts: { sent: bigint; seen: bigint; taken: bigint }): void {
  const { sent, seen, taken } = counts
  if (sent === seen && seen === taken) return
  throw new TaskFailure(
    'verification_failed',
    `The source sent ${sent} rows, ${seen} arrived, and the sink took ${taken}.`,
  )
}

function changedInside(): TaskFailure {
  return new TaskFailure(
    'verification_failed',
    'The digest of the rows as read differs from the digest of the rows as handed to the sink.',
    { side: 'node' },
  )
}

/** Often enough for a live chart, seldom enough to cost nothing. */
const reportEveryMs = 250

export function progressReporter(
  totals: PassThrough['totals'],
  ctx: Pick<TaskContext, 'progress'>,
  phase: CopyProgress['phase'] = 'copying',
): (digest: Pick<RowDigest, 'rows' | 'bytes'>) => void {
  let last = 0
  return ({ rows, bytes }) => {
    const now = performance.now()
    if (now - last < reportEveryMs) return
    last = now
    ctx.progress({ phase, rows: String(rows), bytes: String(bytes), ...totals })
  }
}
