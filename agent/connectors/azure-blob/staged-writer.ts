import { createHash, hash } from 'node:crypto'
import { TaskFailure } from '../../copy/failure.ts'
import type { StagedFile, StagedTarget, StagedWriter } from '../connector.ts'
import { cleanPath, joinPath, nameOf, stagingFolder } from '../file-names.ts'
import type { BlobClient } from './blob-client.ts'

/** Four blocks of 4 MiB in flight saturate a gigabit line at 100 ms; they are what a writer holds in memory. */
const firstBlockBytes = 4 * 1024 * 1024
const blocksInFlight = 4
/** A blob has at most 50,000 blocks (the service's limit): their size doubles often enough to reach 2 TB. */
const blocksPerSize = 8000
const maxBlocks = 50_000

/** Metadata by which a blob says which copy it belongs to: its name in listings, and as headers. */
export const metadataName = { run: 'sallyport_run' } as const
export const metadata = {
  run: `x-ms-meta-${metadataName.run}`,
  part: 'x-ms-meta-sallyport_part',
  epoch: 'x-ms-meta-sallyport_epoch',
  digest: 'x-ms-meta-sallyport_digest',
} as const

/** `<folder>/_sallyport/<run>/<part>.<index>.<epoch>.<name>`. */
export function stagedBlobPath({ folder, runId, part, index, epoch, path }: StagedTarget): string {
  return joinPath(cleanPath(folder), stagingFolder, runId, `${part}.${index}.${epoch}.${nameOf(path)}`)
}

/** Uploads a part as uncommitted blocks: nothing exists until the one block list of `commit`. */
export class BlobStagedWriter implements StagedWriter {
  readonly #client: BlobClient
  readonly #target: StagedTarget & { container: string }
  readonly #stagedPath: string
  readonly #md5 = createHash('md5')
  readonly #blockIds: string[] = []
  readonly #spare: Buffer[] = []
  readonly #uploads = new Set<Promise<void>>()
  #block: Buffer | null = null
  #blockLength = 0
  #sizeBytes = 0
  #failure: unknown

  constructor(client: BlobClient, target: StagedTarget & { container: string }) {
    this.#client = client
    this.#target = target
    this.#stagedPath = stagedBlobPath(target)
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#md5.update(chunk)
    this.#sizeBytes += chunk.length
    for (let at = 0; at < chunk.length;) {
      this.#block ??= this.#takeBuffer()
      const taken = Math.min(chunk.length - at, this.#block.length - this.#blockLength)
      this.#block.set(chunk.subarray(at, at + taken), this.#blockLength)
      this.#blockLength += taken
      at += taken
      if (this.#blockLength === this.#block.length) await this.#upload()
    }
  }

  async commit(digest: string): Promise<StagedFile> {
    if (this.#blockLength > 0) await this.#upload()
    await Promise.all(this.#uploads)
    if (this.#failure !== undefined) throw this.#failure
    const md5 = this.#md5.digest()
    const { container, path, runId, part, epoch } = this.#target
    await this.#client.send({
      method: 'PUT',
      container,
      blob: this.#stagedPath,
      query: { comp: 'blocklist' },
      headers: {
        'content-type': 'application/xml',
        'x-ms-blob-content-type': contentType(path),
        'x-ms-blob-content-md5': md5.toString('base64'),
        [metadata.run]: runId,
        [metadata.part]: String(part),
        [metadata.epoch]: String(epoch),
        [metadata.digest]: digest,
      },
      // `Latest` lets a repeated request after a lost answer succeed: the blocks are then committed ones.
      body: `<?xml version="1.0" encoding="utf-8"?><BlockList>${this.#blockIds.map((id) => `<Latest>${id}</Latest>`).join('')}</BlockList>`,
    })
    return { path, stagedPath: this.#stagedPath, epoch, sizeBytes: this.#sizeBytes, md5: md5.toString('hex') }
  }

  /** Uncommitted blocks vanish by themselves within a week; a blob exists only if `commit` was reached. */
  async abort(): Promise<void> {
    await Promise.allSettled(this.#uploads)
    const { container } = this.#target
    await this.#client.send({ method: 'DELETE', container, blob: this.#stagedPath }).catch(() => {})
  }

  /** Sends the block on its way; waits while too many are under way already. */
  async #upload(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    const buffer = this.#block
    if (!buffer) return
    if (this.#blockIds.length === maxBlocks)
      throw new TaskFailure(
        'sink_full',
        `Blob “${this.#target.path}” would have more than ${maxBlocks} blocks`,
      )
    const body = buffer.subarray(0, this.#blockLength)
    const id = blockId(this.#target.epoch, this.#blockIds.length)
    this.#blockIds.push(id)
    this.#block = null
    this.#blockLength = 0
    const upload = this.#putBlock(id, body)
      .catch((error: unknown) => void (this.#failure ??= error))
      .finally(() => {
        this.#uploads.delete(upload)
        this.#spare.push(buffer)
      })
    this.#uploads.add(upload)
    if (this.#uploads.size >= blocksInFlight) await Promise.race(this.#uploads)
    if (this.#failure !== undefined) throw this.#failure
  }

  /** The service compares the MD5 with what arrived. */
  async #putBlock(id: string, body: Buffer): Promise<void> {
    await this.#client.send({
      method: 'PUT',
      container: this.#target.container,
      blob: this.#stagedPath,
      query: { comp: 'block', blockid: id },
      headers: { 'content-md5': hash('md5', body, 'base64') },
      body,
    })
  }

  #takeBuffer(): Buffer {
    const size = firstBlockBytes * 2 ** Math.floor(this.#blockIds.length / blocksPerSize)
    const spare = this.#spare.pop()
    return spare?.length === size ? spare : Buffer.allocUnsafeSlow(size)
  }
}

/** All ids of a blob must have the same length; the epoch in front keeps the blocks of two owners apart. */
function blockId(epoch: number, sequence: number): string {
  return Buffer.from(`${String(epoch).padStart(16, '0')}-${String(sequence).padStart(7, '0')}`).toString(
    'base64',
  )
}

const contentTypes: Readonly<Record<string, string>> = {
  parquet: 'application/vnd.apache.parquet',
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/x-ndjson',
  json: 'application/json',
  txt: 'text/plain; charset=utf-8',
}

function contentType(path: string): string {
  return contentTypes[path.slice(path.lastIndexOf('.') + 1).toLowerCase()] ?? 'application/octet-stream'
}
