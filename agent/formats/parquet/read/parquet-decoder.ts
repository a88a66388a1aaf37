import type { RowGroup, SchemaTree } from 'hyparquet'
import type { FileReader } from '../../../connectors/connector.ts'
import { TaskFailure } from '../../../copy/failure.ts'
import type { PgColumn } from '../../../copy/rows.ts'
import { FieldError } from '../field-error.ts'
import { ChunkBytes, type ReadRange } from './chunk-bytes.ts'
import { parsePgType } from '../../../../lib/protocol/pg-type.ts'
import { EncodedColumn } from './encoded-column.ts'
import { fieldCodec } from './field-codec.ts'
import type { FieldColumn } from './field-column.ts'
import { FlatColumn } from './flat-column.ts'
import { ListReader } from './list-column.ts'
import { isVariant, readNestedColumn } from './nested-json.ts'
import { PageReader } from './page-reader.ts'
import { type FileColumn, openParquetFile, type ParquetFile } from './parquet-file.ts'
import { TupleBuilder, type TupleMessages } from './tuple-builder.ts'

/** A row group up to this size is fetched with one request; a larger one column by column, in windows. */
const wholeRowGroupBytes = 32 * 1024 * 1024
/** Reads of one row group at the same time: hides the latency of a blob store. */
const parallelReads = 4

/** Decodes a Parquet file to binary tuples, holding one page per column. */
export class ParquetDecoder {
  readonly #reader: FileReader
  readonly #file: ParquetFile

  private constructor(reader: FileReader, file: ParquetFile) {
    this.#reader = reader
    this.#file = file
  }

  static async open(reader: FileReader): Promise<ParquetDecoder> {
    return new ParquetDecoder(reader, await openParquetFile(reader))
  }

  get columns(): readonly PgColumn[] {
    return this.#file.columns.map(({ column }) => column)
  }

  /** Columns whose times are finer than PostgreSQL's. */
  get nanosecondColumns(): string[] {
    return this.#file.columns.flatMap((each) => {
      const logical = each.kind === 'nested' ? undefined : each.leaf.element.logical_type
      const isFine = (logical?.type === 'TIMESTAMP' || logical?.type === 'TIME') && logical.unit === 'NANOS'
      return isFine ? [each.column.name] : []
    })
  }

  get variantColumns(): string[] {
    return this.#file.columns.flatMap(({ tree, column }) => (holdsVariant(tree) ? [column.name] : []))
  }

  get rowCount(): number {
    return Number(this.#file.metadata.num_rows)
  }

  /** Rows at which the row groups end. */
  get rowGroupEnds(): number[] {
    let end = 0
    return this.#file.metadata.row_groups.map((group) => (end += Number(group.num_rows)))
  }

  /** CopyData messages of the row groups between two of their ends, with the file's position behind each batch. */
  async *messages(read: DecodedRead, signal: AbortSignal): AsyncGenerator<TupleMessages & { row: number }> {
    const columns = read.columns.map(({ name, type }) => ({
      ...this.#column(name),
      base: parsePgType(type).base,
    }))
    let rowStart = 0
    for (const group of this.#file.metadata.row_groups) {
      const rowEnd = rowStart + Number(group.num_rows)
      const isWanted = rowStart >= read.start && rowEnd <= read.end
      if (isWanted) yield* this.#rowGroup(columns, { group, rowStart, rowEnd }, signal)
      rowStart = rowEnd
    }
  }

  async *#rowGroup(
    columns: readonly WantedColumn[],
    range: GroupRange,
    signal: AbortSignal,
  ): AsyncGenerator<TupleMessages & { row: number }> {
    const read = await this.#rangeReader(columns, range.group)
    const fields = columns.map((column) => this.#fieldColumn(column, range, read))
    const builder = new TupleBuilder(fields)
    for (let left = range.rowEnd - range.rowStart; left > 0;) {
      signal.throwIfAborted()
      const batch = await this.#named(columns, () => builder.next(left))
      left -= batch.rowCount
      yield { ...batch, row: range.rowEnd - left }
    }
  }

  #fieldColumn(column: WantedColumn, range: GroupRange, read: ReadRange): FieldColumn {
    if (column.kind === 'nested') {
      const { buffer, metadata } = this.#file
      const { rowStart, rowEnd } = range
      return new EncodedColumn(() =>
        readNestedColumn(buffer, metadata, { tree: column.tree, rowStart, rowEnd }),
      )
    }
    const { leaf } = column
    const { codec, ...chunk } = chunkRange(range.group, leaf.chunkIndex)
    const codecFor = fieldCodec(leaf.element, column.base)
    const pages = new PageReader(new ChunkBytes(read, chunk), { codec }, leaf)
    if (!leaf.list) return new FlatColumn(pages, codecFor)
    const list = new ListReader(pages, { codec: codecFor, elementOid: leaf.list.elementOid }, leaf.list)
    return new EncodedColumn(() => list.next())
  }

  /** Fetches what the columns need of a small row group at once. */
  async #rangeReader(columns: readonly WantedColumn[], group: RowGroup): Promise<ReadRange> {
    const ranges = columns.flatMap((column) =>
      column.kind === 'nested' ? [] : [chunkRange(group, column.leaf.chunkIndex)],
    )
    const start = Math.min(...ranges.map((range) => range.start))
    const end = Math.max(...ranges.map((range) => range.end))
    const read: ReadRange = (offset, length) => this.#reader.read(offset, length)
    if (ranges.length === 0 || end - start > wholeRowGroupBytes) return read
    const step = Math.ceil((end - start) / parallelReads)
    const offsets = Array.from({ length: parallelReads }, (_, index) => start + index * step)
    const parts = await Promise.all(
      offsets.filter((offset) => offset < end).map((offset) => read(offset, Math.min(step, end - offset))),
    )
    const bytes = Buffer.concat(parts)
    return async (offset, length) => bytes.subarray(offset - start, offset - start + length)
  }

  async #named(columns: readonly WantedColumn[], next: () => Promise<TupleMessages>): Promise<TupleMessages> {
    try {
      return await next()
    } catch (error) {
      if (error instanceof TaskFailure) throw error
      const known = error instanceof FieldError || error instanceof RangeError
      if (!known) throw error
      const names = columns.map(({ column }) => column.name).join(', ')
      const reason = error instanceof FieldError ? error.message : 'has a damaged page'
      throw new TaskFailure(
        'invalid_data',
        `File “${this.#reader.entry.path}” (columns ${names}) ${reason}`,
        {
          cause: error,
        },
      )
    }
  }

  #column(name: string): FileColumn {
    const found = this.#file.columns.find(({ column }) => column.name === name)
    if (!found)
      throw new TaskFailure('schema_mismatch', `File “${this.#reader.entry.path}” has no column “${name}”`)
    return found
  }
}

/** `type` is what the tuples hold: the column's natural type, or an integer type of another width. */
export type DecodedRead = { columns: readonly { name: string; type: string }[]; start: number; end: number }
type WantedColumn = FileColumn & { base: string }
type GroupRange = { group: RowGroup; rowStart: number; rowEnd: number }

function chunkRange(group: RowGroup, index: number) {
  const data = group.columns[index]?.meta_data
  if (!data) throw new TaskFailure('invalid_data', 'a Parquet row group lacks a column')
  const dictionary = Number(data.dictionary_page_offset ?? 0)
  const pages = Number(data.data_page_offset)
  // Some writers leave the dictionary's offset at zero; it can only lie before the data.
  const start = dictionary > 0 && dictionary < pages ? dictionary : pages
  return { start, end: start + Number(data.total_compressed_size), codec: data.codec }
}

function holdsVariant({ element, children }: SchemaTree): boolean {
  return isVariant(element) || children.some(holdsVariant)
}
