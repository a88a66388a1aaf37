import type { LogicalType, ParquetColumn, PhysicalType } from '../leaf.ts'
import type { Bounds } from './values.ts'
import { codecIds, encodings, type ParquetCompression } from './page.ts'
import { ThriftWriter } from './thrift.ts'

export type ChunkMetadata = {
  entryCount: number
  nullCount: number
  bounds: Bounds | null
  uncompressedBytes: number
  compressedBytes: number
  /** Absent where the chunk has no dictionary page. */
  dictionaryOffset?: number
  dataOffset: number
}
export type RowGroupMetadata = { rowCount: number; chunks: ChunkMetadata[] }
export type FileMetadata = {
  columns: readonly ParquetColumn[]
  rowGroups: readonly RowGroupMetadata[]
  compression: ParquetCompression
  keyValues: Readonly<Record<string, string>>
}

/** Ids of parquet-format, parquet.thrift. */
const physicalIds: Record<PhysicalType, number> = {
  BOOLEAN: 0,
  INT32: 1,
  INT64: 2,
  FLOAT: 4,
  DOUBLE: 5,
  BYTE_ARRAY: 6,
  FIXED_LEN_BYTE_ARRAY: 7,
}
const repetitions = { required: 0, optional: 1, repeated: 2 } as const
const convertedTypes = { utf8: 0, list: 3, decimal: 5, date: 6, timestampMicros: 10, json: 19 } as const
/** Older readers know signed integers by these, from INT_8 = 15. */
const convertedIntegers = { 16: 16, 32: 17, 64: 18 } as const

/** Every file begins with `PAR1`. */
export const magicBytes = 4
const createdBy = 'sallyport version 0.1.0'

/** The FileMetaData struct. */
export function encodeFooter({ columns, rowGroups, compression, keyValues }: FileMetadata): Buffer {
  const rowCount = rowGroups.reduce((sum, group) => sum + group.rowCount, 0)
  return new ThriftWriter()
    .i32(1, 2)
    .structs(2, schemaElements(columns), (element, write) => write(element))
    .i64(3, rowCount)
    .structs(4, rowGroups, (group, { rowCount, chunks }) => {
      const first = chunks[0]
      group
        .structs(1, chunks, (chunk, metadata, index) => {
          const column = columns[index]
          if (!column) throw new Error('a row group has as many chunks as the file has columns')
          chunk.i64(2, 0).struct(3, (data) => columnMetadata(data, { ...metadata, column, compression }))
        })
        .i64(2, sum(chunks, 'uncompressedBytes'))
        .i64(3, rowCount)
        .i64(5, first ? (first.dictionaryOffset ?? first.dataOffset) : magicBytes)
        .i64(6, sum(chunks, 'compressedBytes'))
    })
    .structs(5, Object.entries(keyValues), (pair, [key, value]) => pair.binary(1, key).binary(2, value))
    .binary(6, createdBy)
    .structs(7, columns, (order) => order.struct(1, () => {}))
    .end()
}

function sum(chunks: readonly ChunkMetadata[], key: 'uncompressedBytes' | 'compressedBytes'): number {
  return chunks.reduce((total, chunk) => total + chunk[key], 0)
}

function columnMetadata(
  data: ThriftWriter,
  chunk: ChunkMetadata & { column: ParquetColumn; compression: ParquetCompression },
): void {
  const { column, bounds } = chunk
  const hasDictionary = chunk.dictionaryOffset !== undefined
  // Levels are RLE, dictionary pages themselves PLAIN.
  const used = [encodings.plain, encodings.rle, ...(hasDictionary ? [encodings.rleDictionary] : [])]
  data
    .i32(1, physicalIds[column.leaf.physical])
    .integers(2, used)
    .strings(3, column.isList ? [column.name, 'list', 'element'] : [column.name])
    .i32(4, codecIds[chunk.compression])
    .i64(5, chunk.entryCount)
    .i64(6, chunk.uncompressedBytes)
    .i64(7, chunk.compressedBytes)
    .i64(9, chunk.dataOffset)
  if (chunk.dictionaryOffset !== undefined) data.i64(11, chunk.dictionaryOffset)
  data.struct(12, (statistics) => {
    statistics.i64(3, chunk.nullCount)
    if (bounds) statistics.binary(5, bounds.max).binary(6, bounds.min).bool(7, true).bool(8, true)
  })
}

type WriteElement = (element: ThriftWriter) => void

function schemaElements(columns: readonly ParquetColumn[]): WriteElement[] {
  const root: WriteElement = (element) => element.binary(4, 'schema').i32(5, columns.length)
  return [
    root,
    ...columns.flatMap((column) => (column.isList ? listElements(column) : [flatElement(column)])),
  ]
}

function flatElement({ name, isNullable, leaf }: ParquetColumn): WriteElement {
  return leafElement(leaf, { name, repetition: isNullable ? repetitions.optional : repetitions.required })
}

/** Three levels, by the names that the format asks for. */
function listElements({ name, isNullable, leaf }: ParquetColumn): WriteElement[] {
  const outer: WriteElement = (element) =>
    element
      .i32(3, isNullable ? repetitions.optional : repetitions.required)
      .binary(4, name)
      .i32(5, 1)
      .i32(6, convertedTypes.list)
      .struct(10, (logical) => logical.struct(3, () => {}))
  const middle: WriteElement = (element) => element.i32(3, repetitions.repeated).binary(4, 'list').i32(5, 1)
  return [outer, middle, leafElement(leaf, { name: 'element', repetition: repetitions.optional })]
}

function leafElement(
  { physical, typeLength, logical }: ParquetColumn['leaf'],
  { name, repetition }: { name: string; repetition: number },
): WriteElement {
  return (element) => {
    element.i32(1, physicalIds[physical])
    if (typeLength !== undefined) element.i32(2, typeLength)
    element.i32(3, repetition).binary(4, name)
    if (!logical) return
    const converted = convertedType(logical)
    if (converted !== null) element.i32(6, converted)
    if (logical.kind === 'DECIMAL') element.i32(7, logical.scale).i32(8, logical.precision)
    element.struct(10, (union) => logicalUnion(union, logical))
  }
}

/** For readers older than logical types. A timestamp without zone has none: the old one means UTC. */
function convertedType(logical: LogicalType): number | null {
  switch (logical.kind) {
    case 'STRING':
      return convertedTypes.utf8
    case 'JSON':
      return convertedTypes.json
    case 'DATE':
      return convertedTypes.date
    case 'DECIMAL':
      return convertedTypes.decimal
    case 'INTEGER':
      return convertedIntegers[logical.bitWidth]
    case 'TIMESTAMP':
      return logical.isAdjustedToUTC ? convertedTypes.timestampMicros : null
    default:
      return null
  }
}

const nothing = (): void => {}

function micros(time: ThriftWriter): void {
  time.struct(2, (unit) => unit.struct(2, nothing))
}

function logicalUnion(union: ThriftWriter, logical: LogicalType): void {
  switch (logical.kind) {
    case 'STRING':
      return void union.struct(1, nothing)
    case 'DECIMAL':
      return void union.struct(5, (decimal) => decimal.i32(1, logical.scale).i32(2, logical.precision))
    case 'DATE':
      return void union.struct(6, nothing)
    case 'TIME':
      return void union.struct(7, (time) => micros(time.bool(1, false)))
    case 'TIMESTAMP':
      return void union.struct(8, (time) => micros(time.bool(1, logical.isAdjustedToUTC)))
    case 'INTEGER':
      return void union.struct(10, (integer) => integer.i8(1, logical.bitWidth).bool(2, true))
    case 'JSON':
      return void union.struct(12, nothing)
    case 'UUID':
      return void union.struct(14, nothing)
  }
}
