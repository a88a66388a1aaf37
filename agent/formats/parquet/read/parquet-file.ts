import {
  type AsyncBuffer,
  type FileMetaData,
  type SchemaElement,
  parquetMetadataAsync,
  parquetSchema,
  type SchemaTree,
} from 'hyparquet'
import { isListLike } from 'hyparquet/src/schema.js'
import type { FileReader } from '../../../connectors/connector.ts'
import { TaskFailure } from '../../../copy/failure.ts'
import type { PgColumn } from '../../../copy/rows.ts'
import { columnTypesKey } from '../column-types-key.ts'
import type { ListLevels } from './list-column.ts'
import { naturalType, pgColumn } from './natural-type.ts'
import type { LeafShape } from './decode-values.ts'
import type { LevelLimits } from './page-reader.ts'

/** A top-level column of the file and the PostgreSQL column that it becomes. */
export type FileColumn = { column: PgColumn; tree: SchemaTree } & (
  | { kind: 'flat' | 'list'; leaf: LeafSource }
  | { kind: 'nested' }
)
export type LeafSource = {
  /** Position among the column chunks of each row group. */
  chunkIndex: number
  shape: LeafShape
  limits: LevelLimits
  element: SchemaElement
  list?: ListLevels & { elementOid: number }
}
export type ParquetFile = { buffer: AsyncBuffer; metadata: FileMetaData; columns: readonly FileColumn[] }

/** Reads footer and schema. */
export async function openParquetFile(reader: FileReader): Promise<ParquetFile> {
  const buffer = asyncBuffer(reader)
  const metadata = await readFooter(buffer, reader.entry.path)
  const recorded = recordedTypes(metadata)
  let chunkIndex = 0
  const columns = parquetSchema(metadata).children.map((tree) => {
    const column = fileColumn(tree, recorded.get(tree.element.name), chunkIndex)
    chunkIndex += leafCount(tree)
    return column
  })
  return { buffer, metadata, columns }
}

/** hyparquet takes buffers of their own; a view that is a whole one already is passed on. */
function asyncBuffer(reader: FileReader): AsyncBuffer {
  const byteLength = reader.entry.sizeBytes
  return {
    byteLength,
    async slice(start, end = byteLength) {
      const bytes = await reader.read(start, end - start)
      return Uint8Array.from(bytes).buffer
    },
  }
}

async function readFooter(buffer: AsyncBuffer, path: string): Promise<FileMetaData> {
  try {
    return await parquetMetadataAsync(buffer, { geoparquet: false })
  } catch (error) {
    if (error instanceof TaskFailure) throw error
    throw new TaskFailure('invalid_data', `File “${path}” is not a readable Parquet file`, { cause: error })
  }
}

/** What the encoder wrote down about the tuples; other writers' files have none. */
function recordedTypes(metadata: FileMetaData): Map<string, string> {
  const text = metadata.key_value_metadata?.find(({ key }) => key === columnTypesKey)?.value
  const types = new Map<string, string>()
  const pairs: unknown = text === undefined ? [] : JSON.parse(text)
  for (const pair of Array.isArray(pairs) ? pairs : [])
    if (Array.isArray(pair) && typeof pair[0] === 'string' && typeof pair[1] === 'string')
      types.set(pair[0], pair[1])
  return types
}

function fileColumn(tree: SchemaTree, recorded: string | undefined, chunkIndex: number): FileColumn {
  const { name, repetition_type: repetition } = tree.element
  const nullable = repetition !== 'REQUIRED'
  const path = listPath(tree)
  const leafTree = path.at(-1)
  if (!leafTree) {
    const type = { base: 'json', modifiers: [], isArray: false }
    return { kind: 'nested', tree, column: pgColumn({ name, nullable }, type) }
  }
  const { element } = leafTree
  const type = naturalType(element, recorded)
  const levelPath = path.map((node) => node.element.repetition_type)
  const leaf: LeafSource = {
    chunkIndex,
    shape: { type: element.type ?? 'BYTE_ARRAY', typeLength: element.type_length },
    limits: {
      definition: levelPath.filter((level) => level !== 'REQUIRED').length,
      repetition: levelPath.filter((level) => level === 'REPEATED').length,
    },
    element,
  }
  const isList = leaf.limits.repetition > 0
  const column = pgColumn({ name, nullable }, { ...type, isArray: isList })
  if (!isList) return { kind: 'flat', tree, column, leaf }
  const elementOid = pgColumn({ name, nullable }, type).typeOid
  const list = { ...listLevels(leaf.limits.definition, levelPath), elementOid }
  return { kind: 'list', tree, column, leaf: { ...leaf, list } }
}

/** The nodes from a flat column or a list of plain elements down to its leaf; empty for anything deeper. */
function listPath(tree: SchemaTree): SchemaTree[] {
  if (tree.children.length === 0) return [tree]
  const [repeated] = tree.children
  if (!isListLike(tree) || !repeated) return []
  if (repeated.children.length === 0) return [tree, repeated]
  const [element] = repeated.children
  const isPlain = element && element.children.length === 0 && element.element.repetition_type !== 'REPEATED'
  return isPlain ? [tree, repeated, element] : []
}

function listLevels(value: number, path: readonly (string | undefined)[]): ListLevels {
  return {
    value,
    elementsAreOptional: path.at(-1) === 'OPTIONAL',
    empty: path[0] === 'OPTIONAL' ? 1 : 0,
  }
}

function leafCount(tree: SchemaTree): number {
  return tree.children.length === 0 ? 1 : tree.children.reduce((sum, child) => sum + leafCount(child), 0)
}
