import { availableParallelism } from 'node:os'
import type { StagedFile } from '../../connectors/connector.ts'
import type { RowDigest } from '../../digest/row-digest.ts'
import { TaskFailure } from '../failure.ts'
import type { TaskContext } from '../task-context.ts'
import { withFileStore } from './files-sink.ts'
import { HashingReader } from './hashing-reader.ts'
import { rowFormatFor } from './row-formats.ts'
import type { StagedReading } from './staged-reading.ts'

/**
 * Reads a staged file again: the digest of its rows, its bytes held against their MD5. Null where it is gone: then it was
 * published before an answer was lost, and `publish` recognises it by its content.
 */
export async function readStaged(
  { sink, columns, file }: StagedReading,
  ctx: TaskContext,
): Promise<RowDigest | null> {
  return withFileStore(sink, { side: 'sink', ctx }, async (store) => {
    const staged = await store.openStagedReader(sink.container, file)
    if (!staged) return null
    const reader = new HashingReader(staged)
    try {
      const found = await rowFormatFor(sink.format)
        .digest(reader, { columns, options: sink }, ctx.signal)
        .catch((error: unknown) => cannotBeRead(error, { file, reader, ctx }))
      if ((await reader.md5(ctx.signal)) !== file.md5) throw notAsWritten(file.path)
      return found
    } finally {
      await reader.close()
    }
  })
}

/** As many copies as a node takes at the same time on the smallest machine: one reads while the other waits for its store. */
const leastLanes = 2

/**
 * Reads files in this thread and, as far as the node has cores and free slots, in others. `onFound` gets each file's index as
 * soon as it was read; throws at the first that is not as it was written.
 */
export async function readAllStaged(
  readings: readonly StagedReading[],
  onFound: (index: number, found: RowDigest | null) => void,
  ctx: TaskContext,
): Promise<void> {
  const waiting = [...readings.entries()]
  const readHere = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift())
      onFound(next[0], await readStaged(next[1], ctx))
  }
  const readElsewhere = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const answer = await ctx.readElsewhere(next[1])
      if (!answer) {
        waiting.unshift(next)
        return
      }
      onFound(next[0], answer.found)
    }
  }
  const others = Math.min(readings.length, Math.max(leastLanes, availableParallelism())) - 1
  try {
    await Promise.all([readHere(), ...Array.from({ length: Math.max(0, others) }, readElsewhere)])
    // A file that no other thread had room for may have come back after this one was through.
    await readHere()
  } catch (error) {
    waiting.length = 0
    throw error
  }
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
