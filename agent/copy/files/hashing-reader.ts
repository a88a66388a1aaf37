import { createHash } from 'node:crypto'
import type { FileEntry, FileReader } from '../../connectors/connector.ts'

/** Takes the MD5 of a file along while it is read, so that bytes which belong to no row (headers, footers) are held too. */
export class HashingReader implements FileReader {
  readonly #reader: FileReader
  #md5: string | null = null
  #hasFailed = false

  constructor(reader: FileReader) {
    this.#reader = reader
  }

  get entry(): FileEntry {
    return this.#reader.entry
  }

  /** Whether the store, not the contents, was the reason why reading ended. */
  get hasFailed(): boolean {
    return this.#hasFailed
  }

  async *stream(start = 0, end = this.entry.sizeBytes): AsyncGenerator<Uint8Array> {
    const isWhole = start === 0 && end >= this.entry.sizeBytes
    const hash = isWhole ? createHash('md5') : null
    try {
      for await (const chunk of this.#reader.stream(start, end)) {
        hash?.update(chunk)
        yield chunk
      }
    } catch (error) {
      this.#hasFailed = true
      throw error
    }
    if (hash) this.#md5 = hash.digest('hex')
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    // What damaged bytes ask for may lie outside of the file: that is no fault of the store.
    const isInside = offset >= 0 && length >= 0 && offset + length <= this.entry.sizeBytes
    try {
      return await this.#reader.read(offset, length)
    } catch (error) {
      this.#hasFailed ||= isInside
      throw error
    }
  }

  /** Of the whole file: it is read once more only where it was not read from end to end. */
  async md5(signal: AbortSignal): Promise<string> {
    if (this.#md5 === null) for await (const _ of this.stream()) signal.throwIfAborted()
    return this.#md5 ?? ''
  }

  close(): Promise<void> {
    return this.#reader.close()
  }
}
