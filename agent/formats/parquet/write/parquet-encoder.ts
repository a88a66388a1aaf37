import type { PgColumn } from '../../../copy/rows.ts'
import { columnTypesKey } from '../column-types-key.ts'
import { parquetColumn, type ParquetColumn } from '../leaf.ts'
import { type ColumnChunk, ColumnChunkWriter } from './column-chunk.ts'
import { type ChunkMetadata, encodeFooter, type RowGroupMetadata } from './footer.ts'
import type { ParquetCompression } from './page.ts'
import { TupleIndex } from './tuple-index.ts'

export type ParquetEncoderOptions = {
  columns: readonly PgColumn[]
  compression: ParquetCompression
  /** Takes bytes over before it resolves. */
  write: (bytes: Uint8Array) => Promise<void>
  /** Input per row group: what a reader that takes row groups apart over its threads works with. */
  rowGroupBytes?: number
}

/** Readers scale over row groups, dictionaries and statistics gain from larger ones; only compressed pages of one are held. */
const defaultRowGroupBytes = 64 * 1024 * 1024
const maxRowGroupRows = 1 << 20
const largePageBytes = 4 << 20
const magic = Buffer.from('PAR1')

/** Writes tuples as a Parquet file: one pass over their bytes into typed columns, no object per row. */
export class ParquetEncoder {
  readonly #columns: readonly ParquetColumn[]
  readonly #types: string
  readonly #options: Required<ParquetEncoderOptions>
  readonly #index: TupleIndex
  readonly #chunks: ColumnChunkWriter[]
  readonly #rowGroups: RowGroupMetadata[] = []
  #position = 0
  #groupRows = 0
  #groupBytes = 0
  #rowCount = 0
  /** The row group before, still on its way to the store while this one is collected. */
  #writing: Promise<void> = Promise.resolve()

  constructor(options: ParquetEncoderOptions) {
    this.#options = { rowGroupBytes: defaultRowGroupBytes, ...options }
    this.#columns = options.columns.map(parquetColumn)
    this.#types = JSON.stringify(options.columns.map(({ name, type }) => [name, type]))
    this.#index = new TupleIndex(this.#columns.length)
    this.#chunks = this.#columns.map((column) => new ColumnChunkWriter(column, options.compression))
  }

  /** Takes whole binary tuples without message headers; they may be reused when it resolves. */
  async write(tuples: Uint8Array): Promise<void> {
    const view = new DataView(tuples.buffer, tuples.byteOffset, tuples.byteLength)
    let at = 0
    while (at < view.byteLength) {
      const end = this.#index.index(view, at)
      const closed = this.#chunks.map((chunk, column) => chunk.append(this.#index.column(column)))
      this.#groupRows += this.#index.rowCount
      this.#groupBytes += end - at
      at = end
      // Waiting for the pages just closed bounds what waits for compression to about a page per column.
      const pending = closed.filter((page) => page !== null)
      if (pending.length) await Promise.all(pending)
      if (this.#groupBytes >= this.#options.rowGroupBytes || this.#groupRows >= maxRowGroupRows)
        await this.#finishRowGroup()
    }
  }

  async finish(): Promise<{ rowCount: number }> {
    if (this.#groupRows > 0) await this.#finishRowGroup()
    await this.#writing
    if (this.#position === 0) await this.#put(magic)
    const footer = encodeFooter({
      columns: this.#columns,
      rowGroups: this.#rowGroups,
      compression: this.#options.compression,
      keyValues: { [columnTypesKey]: this.#types },
    })
    const length = Buffer.alloc(4)
    length.writeUInt32LE(footer.length)
    await this.#put(Buffer.concat([footer, length, magic]))
    return { rowCount: this.#rowCount }
  }

  async #finishRowGroup(): Promise<void> {
    const chunks = await Promise.all(this.#chunks.map((chunk) => chunk.finish()))
    await this.#writing
    const rowCount = this.#groupRows
    this.#rowCount += rowCount
    this.#groupRows = this.#groupBytes = 0
    this.#writing = this.#writeRowGroup(chunks, rowCount)
    this.#writing.catch(() => {}) // reported by whoever waits for it next
  }

  async #writeRowGroup(chunks: readonly ColumnChunk[], rowCount: number): Promise<void> {
    if (this.#position === 0) await this.#put(magic)
    const metadata: ChunkMetadata[] = []
    for (const chunk of chunks) metadata.push(await this.#writeChunk(chunk))
    this.#rowGroups.push({ rowCount, chunks: metadata })
  }

  async #writeChunk({ pages, entryCount, nullCount, bounds }: ColumnChunk): Promise<ChunkMetadata> {
    const start = this.#position
    const [first] = pages
    const hasDictionary = first?.isDictionary === true
    const dataOffset = hasDictionary ? start + first.header.length + first.body.length : start
    for (const bytes of together(pages)) await this.#put(bytes)
    return {
      entryCount,
      nullCount,
      bounds,
      uncompressedBytes: pages.reduce((sum, page) => sum + page.uncompressedBytes, 0),
      compressedBytes: this.#position - start,
      dataOffset,
      ...(hasDictionary && { dictionaryOffset: start }),
    }
  }

  async #put(bytes: Uint8Array): Promise<void> {
    await this.#options.write(bytes)
    this.#position += bytes.length
  }
}

/** Few writes for ordinary pages; a large one is not copied once more. */
function* together(pages: ColumnChunk['pages']): Generator<Buffer> {
  let waiting: Buffer[] = []
  for (const { header, body } of pages) {
    waiting.push(header)
    if (body.length < largePageBytes) waiting.push(body)
    else {
      yield Buffer.concat(waiting)
      yield body
      waiting = []
    }
  }
  if (waiting.length > 0) yield Buffer.concat(waiting)
}
