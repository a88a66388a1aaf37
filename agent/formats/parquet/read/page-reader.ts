import { crc32 } from 'node:zlib'
import type { ColumnMetaData, Encoding, PageHeader } from 'hyparquet'
import { parquetHeader } from 'hyparquet/src/column.js'
import { TaskFailure } from '../../../copy/failure.ts'
import type { ChunkBytes } from './chunk-bytes.ts'
import { decodePlain, decodeValues, type LeafShape } from './decode-values.ts'
import { decompress } from './decompress.ts'
import type { DenseValues } from './dense-values.ts'
import { decodeHybrid } from './hybrid.ts'

export type LevelLimits = { definition: number; repetition: number }

/** A data page, decoded. Levels are null where the column has none. */
export type DecodedPage = {
  entryCount: number
  definitions: Uint8Array | null
  repetitions: Uint8Array | null
  /** How many entries hold a value: `values` has no others. */
  valueCount: number
  values: DenseValues
}

/** Most headers are some 30 bytes; statistics of long values make them larger. */
const headerGuess = 8 * 1024
const largestHeader = 16 * 1024 * 1024
const damaged = 'a Parquet page is damaged: its checksum does not match'

/** Reads the pages of one column chunk in order. */
export class PageReader {
  readonly #bytes: ChunkBytes
  readonly #chunk: Pick<ColumnMetaData, 'codec'>
  readonly #shape: LeafShape
  readonly #limits: LevelLimits
  #dictionary: DenseValues | null = null

  constructor(
    bytes: ChunkBytes,
    chunk: Pick<ColumnMetaData, 'codec'>,
    leaf: { shape: LeafShape; limits: LevelLimits },
  ) {
    this.#bytes = bytes
    this.#chunk = chunk
    this.#shape = leaf.shape
    this.#limits = leaf.limits
  }

  /** The next data page, or null at the end of the chunk. */
  async next(): Promise<DecodedPage | null> {
    while (this.#bytes.remaining > 0) {
      const header = await this.#header()
      const body = (await this.#bytes.peek(header.compressed_page_size)).subarray(
        0,
        header.compressed_page_size,
      )
      this.#bytes.skip(body.length)
      if (body.length < header.compressed_page_size)
        throw new TaskFailure('invalid_data', 'a Parquet file is cut off')
      if (header.crc !== undefined && crc32(body) !== header.crc >>> 0)
        throw new TaskFailure('invalid_data', damaged)
      if (header.type === 'DATA_PAGE') return this.#firstVersion(header, body)
      if (header.type === 'DATA_PAGE_V2') return this.#secondVersion(header, body)
      if (header.type === 'DICTIONARY_PAGE') this.#readDictionary(header, body)
    }
    return null
  }

  async #header(): Promise<PageHeader> {
    for (let length = headerGuess; ; length *= 8) {
      const bytes = await this.#bytes.peek(length)
      const { buffer, byteOffset, byteLength } = bytes
      if (!(buffer instanceof ArrayBuffer)) throw new Error('pages lie in memory of their own')
      const reader = { view: new DataView(buffer, byteOffset, byteLength), offset: 0 }
      try {
        const header = parquetHeader(reader)
        this.#bytes.skip(reader.offset)
        return header
      } catch (error) {
        if (bytes.length >= this.#bytes.remaining || length > largestHeader)
          throw new TaskFailure('invalid_data', 'a Parquet page header is damaged', { cause: error })
      }
    }
  }

  #readDictionary(header: PageHeader, body: Uint8Array): void {
    const bytes = decompress(this.#chunk.codec, body, header.uncompressed_page_size)
    const count = header.dictionary_page_header?.num_values ?? 0
    this.#dictionary = decodePlain(this.#shape, { bytes, count })
  }

  #firstVersion(header: PageHeader, body: Uint8Array): DecodedPage {
    const data = header.data_page_header
    if (!data) throw new TaskFailure('invalid_data', damaged)
    const page = decompress(this.#chunk.codec, body, header.uncompressed_page_size)
    let at = 0
    const levels = (limit: number, encoding: Encoding): Uint8Array | null => {
      if (limit === 0) return null
      if (encoding !== 'RLE')
        throw new TaskFailure('invalid_data', `Parquet levels in ${encoding} are not supported`)
      const length = Buffer.from(page.buffer, page.byteOffset).readUInt32LE(at)
      const decoded = decodeLevels(page.subarray(at + 4, at + 4 + length), limit, data.num_values)
      at += 4 + length
      return decoded
    }
    const repetitions = levels(this.#limits.repetition, data.repetition_level_encoding)
    const definitions = levels(this.#limits.definition, data.definition_level_encoding)
    const page1 = { entryCount: data.num_values, repetitions, definitions }
    return this.#withValues(page1, { bytes: page.subarray(at), encoding: data.encoding })
  }

  #secondVersion(header: PageHeader, body: Uint8Array): DecodedPage {
    const data = header.data_page_header_v2
    if (!data) throw new TaskFailure('invalid_data', damaged)
    const repetitionsEnd = data.repetition_levels_byte_length
    const levelsEnd = repetitionsEnd + data.definition_levels_byte_length
    const { definition, repetition } = this.#limits
    const count = data.num_values
    const repetitions = repetition ? decodeLevels(body.subarray(0, repetitionsEnd), repetition, count) : null
    const definitions = definition
      ? decodeLevels(body.subarray(repetitionsEnd, levelsEnd), definition, count)
      : null
    const codec = data.is_compressed === false ? 'UNCOMPRESSED' : this.#chunk.codec
    const bytes = decompress(codec, body.subarray(levelsEnd), header.uncompressed_page_size - levelsEnd)
    return this.#withValues(
      { entryCount: count, repetitions, definitions },
      { bytes, encoding: data.encoding },
    )
  }

  #withValues(
    levels: Pick<DecodedPage, 'entryCount' | 'repetitions' | 'definitions'>,
    { bytes, encoding }: { bytes: Uint8Array; encoding: Encoding },
  ): DecodedPage {
    const { definitions, entryCount } = levels
    const valueCount = definitions ? countOf(definitions, this.#limits.definition) : entryCount
    const values = decodeValues(this.#shape, { bytes, encoding, count: valueCount }, this.#dictionary)
    return { ...levels, valueCount, values }
  }
}

function decodeLevels(bytes: Uint8Array, limit: number, count: number): Uint8Array {
  const levels = new Uint8Array(count)
  if (decodeHybrid(bytes, 32 - Math.clz32(limit), levels) < count)
    throw new TaskFailure('invalid_data', 'a Parquet page is shorter than it says')
  return levels
}

function countOf(levels: Uint8Array, wanted: number): number {
  let count = 0
  for (let index = 0; index < levels.length; index++) if (levels[index] === wanted) count++
  return count
}
