import type { AsyncBuffer, FileMetaData, SchemaElement, SchemaTree } from 'hyparquet'
import { parquetReadColumn } from 'hyparquet/src/read.js'
import { isListLike, isMapLike } from 'hyparquet/src/schema.js'
import { ByteBuffer } from '../write/byte-buffer.ts'
import { decompressors } from './decompress.ts'
import type { EncodedRows } from './encoded-column.ts'

/**
 * Reads a nested column (struct, map, list of lists) of a row group by hyparquet and writes each value as JSON text: numbers
 * exactly as decimals, bytes as base64, times in ISO form. The column's values of one row group are in memory at once.
 */
export async function readNestedColumn(
  file: AsyncBuffer,
  metadata: FileMetaData,
  { tree, rowStart, rowEnd }: { tree: SchemaTree; rowStart: number; rowEnd: number },
): Promise<EncodedRows> {
  const values: unknown = await parquetReadColumn({
    file,
    metadata: withoutLogicalTypes(metadata),
    columns: [tree.element.name],
    rowStart,
    rowEnd,
    utf8: false,
    compressors: decompressors,
    parsers: { timestampFromNanoseconds: (nanos) => nanos },
  })
  const rows = Array.isArray(values) ? values : []
  const out = new ByteBuffer()
  const starts = new Int32Array(rows.length)
  const lengths = new Int32Array(rows.length)
  for (const [row, value] of rows.entries()) {
    starts[row] = out.length
    lengths[row] = value === null || value === undefined ? -1 : append(out, jsonText(value, tree))
  }
  return { view: out.view, starts, lengths }
}

function append(out: ByteBuffer, text: string): number {
  const bytes = Buffer.from(text)
  out.reserve(bytes.length)
  out.bytes.set(bytes, out.length)
  out.length += bytes.length
  return bytes.length
}

/** hyparquet would turn decimals and times into inexact numbers: without their annotations it gives back what the file holds. */
function withoutLogicalTypes(metadata: FileMetaData): FileMetaData {
  return {
    ...metadata,
    schema: metadata.schema.map((element) => (element.type ? bareElement(element) : element)),
  }
}

function bareElement({ type, type_length, repetition_type, name }: SchemaElement): SchemaElement {
  return {
    name,
    ...(type && { type }),
    ...(type_length !== undefined && { type_length }),
    ...(repetition_type && { repetition_type }),
  }
}

function jsonText(value: unknown, tree: SchemaTree): string {
  if (value === null || value === undefined) return 'null'
  const [first] = tree.children
  if (!first) return leafText(value, tree.element)
  if (isListLike(tree) && Array.isArray(value)) {
    const [inner] = first.children
    const element = inner && first.children.length === 1 ? inner : first
    return `[${value.map((item) => jsonText(item, element)).join(',')}]`
  }
  if (tree.element.repetition_type === 'REPEATED' && Array.isArray(value))
    return `[${value.map((item) => structText(item, tree)).join(',')}]`
  return isMapLike(tree) ? mapText(value, first) : structText(value, tree)
}

function structText(value: unknown, tree: SchemaTree): string {
  const fields = Object.entries(Object(value))
  const texts = tree.children.map((child) => {
    const field = fields.find(([name]) => name === child.element.name)
    return `${JSON.stringify(child.element.name)}:${jsonText(field?.[1], child)}`
  })
  return `{${texts.join(',')}}`
}

function mapText(value: unknown, entry: SchemaTree): string {
  const [keyTree, valueTree] = entry.children
  const isBytes = keyTree?.element.type === 'BYTE_ARRAY'
  const texts = Object.entries(Object(value)).map(([key, item]) => {
    const name = JSON.stringify(isBytes ? keyText(key) : key)
    return `${name}:${valueTree ? jsonText(item, valueTree) : 'null'}`
  })
  return `{${texts.join(',')}}`
}

/** hyparquet makes object keys of bytes by joining their numbers with commas. */
function keyText(key: string): string {
  return Buffer.from(key === '' ? [] : key.split(',').map(Number)).toString()
}

function leafText(value: unknown, element: SchemaElement): string {
  const kind = element.logical_type?.type ?? element.converted_type
  if (value instanceof Uint8Array) return bytesText(value, element, kind)
  if (kind === 'DECIMAL' && (typeof value === 'number' || typeof value === 'bigint'))
    return decimalText(BigInt(value), scaleOf(element))
  if (kind === 'DATE') return JSON.stringify(new Date(Number(value) * 86_400_000).toISOString().slice(0, 10))
  if (kind?.startsWith('TIMESTAMP') && typeof value === 'bigint')
    return JSON.stringify(timestampText(value, element))
  if (typeof value === 'number')
    return Number.isFinite(value) ? JSON.stringify(value) : JSON.stringify(String(value))
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value)
}

function bytesText(bytes: Uint8Array, element: SchemaElement, kind: string | undefined): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (kind === 'DECIMAL')
    return decimalText(
      BigInt.asIntN(bytes.length * 8, BigInt(`0x${buffer.toString('hex') || '0'}`)),
      scaleOf(element),
    )
  if (kind === 'STRING' || kind === 'UTF8' || kind === 'ENUM') return JSON.stringify(buffer.toString())
  if (kind === 'JSON') return buffer.toString()
  if (kind === 'UUID')
    return JSON.stringify(buffer.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'))
  return JSON.stringify(buffer.toString('base64'))
}

function scaleOf({ logical_type: logical, scale }: SchemaElement): number {
  return logical?.type === 'DECIMAL' ? logical.scale : (scale ?? 0)
}

function decimalText(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  return `${unscaled < 0n ? '-' : ''}${whole}${scale > 0 ? `.${digits.slice(-scale)}` : ''}`
}

function timestampText(value: bigint, element: SchemaElement): string {
  const logical = element.logical_type
  const isUtc = logical?.type !== 'TIMESTAMP' || logical.isAdjustedToUTC
  const unit =
    logical?.type === 'TIMESTAMP'
      ? logical.unit
      : element.converted_type === 'TIMESTAMP_MILLIS'
        ? 'MILLIS'
        : 'MICROS'
  const perSecond = unit === 'MILLIS' ? 1000n : unit === 'MICROS' ? 1_000_000n : 1_000_000_000n
  const seconds = value / perSecond - (value % perSecond < 0n ? 1n : 0n)
  const fraction = String(value - seconds * perSecond).padStart(String(perSecond).length - 1, '0')
  const base = new Date(Number(seconds) * 1000).toISOString().slice(0, 19)
  return `${base}.${fraction}${isUtc ? 'Z' : ''}`
}
