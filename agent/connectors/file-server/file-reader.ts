import { type BigIntStats, constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { TaskFailure } from '../../copy/failure.ts'
import type { FileEntry, FileReader } from '../connector.ts'

/** Large enough that the cost of a call disappears, small enough to keep a copy's memory low. */
const chunkBytes = 1 << 20

/** Identity and version of a file: changes whenever it is written or replaced. */
export function fileEtag({ size, mtimeNs, ino }: BigIntStats): string {
  return `${size}-${mtimeNs}-${ino}`
}

/** Of what waits for a writer (/proc/kmsg, a pipe) nothing is waited for; Windows knows no such flag. */
const reading = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

export async function openLocalReader(location: string, entry: FileEntry): Promise<FileReader> {
  const reader = new LocalReader(await open(location, reading), entry)
  try {
    await reader.checkUnchanged()
    if (entry.sizeBytes === 0) await reader.checkEmpty()
  } catch (error) {
    await reader.close()
    throw error
  }
  return reader
}

class LocalReader implements FileReader {
  readonly entry: FileEntry
  readonly #file: FileHandle

  constructor(file: FileHandle, entry: FileEntry) {
    this.#file = file
    this.entry = entry
  }

  async *stream(start = 0, until = this.entry.sizeBytes): AsyncGenerator<Uint8Array> {
    const end = Math.min(until, this.entry.sizeBytes)
    let at = start
    // One is read into while the caller works on the other: of new ones the memory would be full before they are collected.
    let [buffer, other] = [Buffer.alloc(0), Buffer.alloc(0)]
    const turn = () => {
      if (other.length === 0) other = Buffer.allocUnsafeSlow(Math.min(chunkBytes, end - start))
      ;[buffer, other] = [other, buffer]
      return this.#ahead(buffer, at, end)
    }
    let ahead = at < end ? turn() : null
    while (ahead) {
      const chunk = await ahead
      if (chunk instanceof Error) throw chunk
      at += chunk.length
      ahead = at < end ? turn() : null
      yield chunk
    }
    await this.checkUnchanged()
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    // Never out of Node's shared pool: decoders make typed arrays over it.
    const bytes = Buffer.allocUnsafeSlow(length)
    let filled = 0
    while (filled < length) {
      const { bytesRead } = await this.#file.read(bytes, filled, length - filled, offset + filled)
      if (bytesRead === 0) throw changed(this.entry)
      filled += bytesRead
    }
    await this.checkUnchanged()
    return bytes
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  /** Files that a system makes up as they are read have no size: they would be copied as empty. */
  async checkEmpty(): Promise<void> {
    const isEmpty = await this.#file.read(Buffer.alloc(1), 0, 1, 0).then(
      ({ bytesRead }) => bytesRead === 0,
      (error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return false
        throw error
      },
    )
    if (isEmpty) return
    throw new TaskFailure(
      'invalid_data',
      `File “${this.entry.path}” has contents, but its file system says that it is empty (as /proc does): copy it to a disk first`,
      { side: 'source' },
    )
  }

  async checkUnchanged(): Promise<void> {
    const stats = await this.#file.stat({ bigint: true })
    const isSame = this.entry.etag === undefined || this.entry.etag === fileEtag(stats)
    if (!isSame || Number(stats.size) !== this.entry.sizeBytes) throw changed(this.entry)
  }

  /** The next chunk, on its way while the caller works on the one before; an error waits until it is asked for. */
  async #ahead(bytes: Buffer, at: number, end: number): Promise<Uint8Array | Error> {
    try {
      const { bytesRead } = await this.#file.read(bytes, 0, Math.min(bytes.length, end - at), at)
      return bytesRead === 0 ? changed(this.entry) : bytes.subarray(0, bytesRead)
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error))
    }
  }
}

function changed({ path }: FileEntry): TaskFailure {
  return new TaskFailure('store_conflict', `File “${path}” changed while it was read`, { side: 'source' })
}
