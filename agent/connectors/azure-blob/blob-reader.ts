import { TaskFailure } from '../../copy/failure.ts'
import type { FileEntry, FileReader } from '../connector.ts'
import type { BlobClient } from './blob-client.ts'
import { BlobError } from './blob-error.ts'

/** Ranges in flight and their size: more gains nothing on a machine's own network, and each costs this much memory. */
const rangeBytes = 4 * 1024 * 1024
const rangesAhead = 4

export class BlobReader implements FileReader {
  readonly entry: FileEntry
  readonly #client: BlobClient
  readonly #container: string

  constructor(client: BlobClient, container: string, entry: FileEntry) {
    this.#client = client
    this.#container = container
    this.entry = entry
  }

  /** Fetches ranges in parallel and hands them out in order. */
  async *stream(start = 0, until = this.entry.sizeBytes): AsyncGenerator<Uint8Array> {
    const end = Math.min(until, this.entry.sizeBytes)
    const pending: Promise<Uint8Array | Error>[] = []
    const spare: ArrayBufferLike[] = []
    let next = start
    const ask = (): void => {
      const length = Math.min(rangeBytes, end - next)
      if (length <= 0) return
      const into = Buffer.from(spare.pop() ?? new ArrayBuffer(Math.min(rangeBytes, end - start)), 0, length)
      pending.push(this.#readInto(into, next).catch(asError))
      next += length
    }
    for (let index = 0; index < rangesAhead; index++) ask()
    for (let range = pending.shift(); range; range = pending.shift()) {
      const bytes = await range
      if (bytes instanceof Error) throw bytes
      ask()
      yield bytes
      if (bytes.buffer.byteLength >= Math.min(rangeBytes, end - start)) spare.push(bytes.buffer)
    }
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const into = Buffer.allocUnsafeSlow(length)
    return length === 0 ? into : this.#readInto(into, offset)
  }

  async #readInto(into: Buffer, offset: number): Promise<Uint8Array> {
    const { length } = into
    const { body } = await this.#get({ range: `bytes=${offset}-${offset + length - 1}` }, into)
    if (body.length !== length) throw changed(this.entry)
    return body
  }

  async close(): Promise<void> {}

  async #get(headers: Record<string, string>, into: Uint8Array): Promise<{ body: Buffer }> {
    const { etag, path } = this.entry
    try {
      return await this.#client.send(
        {
          method: 'GET',
          container: this.#container,
          blob: path,
          headers: { ...headers, ...(etag && { 'if-match': `"${etag}"` }) },
        },
        into,
      )
    } catch (error) {
      if (error instanceof BlobError && (error.status === 412 || error.status === 416))
        throw changed(this.entry)
      if (error instanceof BlobError && error.status === 404)
        throw new TaskFailure('not_found', `Blob “${this.#container}/${path}” does not exist any more`, {
          cause: error,
        })
      throw error
    }
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}

function changed({ path }: FileEntry): TaskFailure {
  return new TaskFailure('store_conflict', `Blob “${path}” changed while it was read`, { side: 'source' })
}
