import { TaskFailure } from '../../../copy/failure.ts'
import { FieldError } from '../field-error.ts'
import type { ParquetColumn } from '../leaf.ts'
import { createValues } from './create-values.ts'
import { FlatLevels, type Levels, ListLevels } from './levels.ts'
import { encodeDataPage, encodeDictionaryPage, type EncodedPage, type ParquetCompression } from './page.ts'
import type { FieldOffsets } from './tuple-index.ts'
import type { Bounds, ColumnValues } from './values.ts'

/** A page is closed above either: readers hold one page per column in memory, and compression gains nothing from more. */
const maxPageBytes = 512 * 1024
const maxPageEntries = 128 * 1024

/** A finished column chunk of a row group: dictionary page first, if any. */
export type ColumnChunk = {
  pages: EncodedPage[]
  entryCount: number
  nullCount: number
  bounds: Bounds | null
}

/** Collects one column of the open row group as compressed pages. */
export class ColumnChunkWriter {
  readonly #column: ParquetColumn
  readonly #compression: ParquetCompression
  readonly #levels: Levels
  readonly #values: ColumnValues
  #pages: Promise<EncodedPage>[] = []
  #entryCount = 0
  #nullCount = 0

  constructor(column: ParquetColumn, compression: ParquetCompression) {
    this.#column = column
    this.#compression = compression
    this.#levels = column.isList ? new ListLevels(column.isNullable) : new FlatLevels(column.isNullable)
    this.#values = createValues(column.leaf)
  }

  /** Returns the page that was closed, if one was, so that the caller can wait for it. */
  append(fields: FieldOffsets): Promise<unknown> | null {
    try {
      this.#values.append(this.#levels.append(fields))
    } catch (error) {
      if (!(error instanceof FieldError)) throw error
      const message = `Column “${this.#column.name}” ${error.message}.`
      throw new TaskFailure('invalid_data', message, { side: 'source', cause: error })
    }
    const isFull = this.#values.pageBytes >= maxPageBytes || this.#levels.entryCount >= maxPageEntries
    return isFull ? this.#closePage() : null
  }

  async finish(): Promise<ColumnChunk> {
    if (this.#levels.entryCount > 0) void this.#closePage()
    const bounds = this.#values.takeBounds()
    const dictionary = this.#values.takeDictionary()
    const pages = this.#pages
    if (dictionary) pages.unshift(encodeDictionaryPage(dictionary, this.#compression))
    const [entryCount, nullCount] = [this.#entryCount, this.#nullCount]
    this.#pages = []
    this.#entryCount = this.#nullCount = 0
    return { pages: await Promise.all(pages), entryCount, nullCount, bounds }
  }

  #closePage(): Promise<unknown> {
    const { bytes: levels, entryCount, nullCount } = this.#levels.takePage()
    const { bytes: values, isDictionary } = this.#values.takePage()
    const bytes = levels.length ? Buffer.concat([...levels, values]) : values
    const page = encodeDataPage({ bytes, entryCount, isDictionary }, this.#compression)
    page.catch(() => {}) // reported by finish(), which may be a while away
    this.#pages.push(page)
    this.#entryCount += entryCount
    this.#nullCount += nullCount
    return page
  }
}
