import type { AsyncBuffer, FileMetaData, SchemaElement, SchemaTree } from 'hyparquet'
import { parquetReadColumn } from 'hyparquet/src/read.js'
import { isListLike, isMapLike } from 'hyparquet/src/schema.js'
import { ByteBuffer } from '../write/byte-buffer.ts'
import { decompressors } from './decompress.ts'
import type { EncodedRows } from './encoded-column.ts'
import { leafText } from './leaf-text.ts'

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

export function isVariant({ logical_type: logical }: SchemaElement): boolean {
  return logical?.type === 'VARIANT'
}

function append(out: ByteBuffer, text: string): number {
  const bytes = Buffer.from(text)
  out.reserve(bytes.length)
  out.bytes.set(bytes, out.length)
  out.length += bytes.length
  return bytes.length
}

/**
 * hyparquet would turn decimals and times into inexact numbers, and variants into values whose parts are not the schema's:
 * without their annotations it gives back what the file holds.
 */
function withoutLogicalTypes(metadata: FileMetaData): FileMetaData {
  return {
    ...metadata,
    schema: metadata.schema.map((element) =>
      element.type || isVariant(element) ? bareElement(element) : element,
    ),
  }
}

function bareElement(element: SchemaElement): SchemaElement {
  const { type, type_length, repetition_type, name, num_children } = element
  return {
    name,
    ...(num_children !== undefined && { num_children }),
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
  const texts = Object.entries(Object(value)).map(([key, item]) => {
    const text = keyTree ? leafText(keyOf(key, keyTree.element), keyTree.element) : key
    const name = text.startsWith('"') ? text : JSON.stringify(text)
    return `${name}:${valueTree ? jsonText(item, valueTree) : 'null'}`
  })
  return `{${texts.join(',')}}`
}

/** hyparquet makes object keys of the values: of bytes by joining their numbers with commas. */
function keyOf(key: string, { type }: SchemaElement): unknown {
  switch (type) {
    case 'BYTE_ARRAY':
    case 'FIXED_LEN_BYTE_ARRAY':
      return Uint8Array.from(key === '' ? [] : key.split(',').map(Number))
    case 'INT64':
    case 'INT96':
      return BigInt(key)
    case 'BOOLEAN':
      return key === 'true'
    default:
      return Number(key)
  }
}
