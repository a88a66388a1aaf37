import { parsePgType, type PgType } from '../../../lib/protocol/pg-type.ts'
import { isWireType, type WireType } from './pg-type.ts'

export type PhysicalType =
  | 'BOOLEAN'
  | 'INT32'
  | 'INT64'
  | 'FLOAT'
  | 'DOUBLE'
  | 'BYTE_ARRAY'
  | 'FIXED_LEN_BYTE_ARRAY'

export type LogicalType =
  | { kind: 'STRING' | 'DATE' | 'JSON' | 'UUID' }
  | { kind: 'INTEGER'; bitWidth: 16 | 32 | 64 }
  | { kind: 'DECIMAL'; precision: number; scale: number }
  | { kind: 'TIME' }
  | { kind: 'TIMESTAMP'; isAdjustedToUTC: boolean }

/** How values of one PostgreSQL type lie in a Parquet leaf column. Times and timestamps are microseconds. */
export type Leaf = {
  wire: WireType
  physical: PhysicalType
  /** Bytes per value of FIXED_LEN_BYTE_ARRAY. */
  typeLength?: number
  logical?: LogicalType
}
export type ParquetColumn = { name: string; isNullable: boolean; isList: boolean; leaf: Leaf }

/** More digits do not fit the 16 bytes that common readers decode (Arrow decimal128, DuckDB, Spark). */
const maxPrecision = 38

/** The leaf for a PostgreSQL type, or null where Parquet has no type that holds all its values. */
export function leafFor(type: PgType): Leaf | null {
  if (!isWireType(type.base)) return null
  return type.base === 'numeric' ? decimalLeaf(type.modifiers) : (leaves[type.base] ?? null)
}

/** The column for the type text of a tuple's column; throws where `planParquetColumn` would have asked for a cast. */
export function parquetColumn(column: { name: string; type: string; nullable: boolean }): ParquetColumn {
  const type = parsePgType(column.type)
  const leaf = leafFor(type)
  if (!leaf) throw new Error(`Parquet has no counterpart of ${column.type}`)
  return { name: column.name, isNullable: column.nullable, isList: type.isArray, leaf }
}

/** The smallest physical type for a decimal (parquet-format, LogicalTypes.md, DECIMAL). */
function decimalLeaf([precision, scale = 0]: readonly number[]): Leaf | null {
  if (precision === undefined || precision > maxPrecision || scale < 0 || scale > precision) return null
  const logical = { kind: 'DECIMAL', precision, scale } as const
  if (precision <= 9) return { wire: 'numeric', physical: 'INT32', logical }
  if (precision <= 18) return { wire: 'numeric', physical: 'INT64', logical }
  const typeLength = Math.ceil((precision * Math.log2(10) + 1) / 8)
  return { wire: 'numeric', physical: 'FIXED_LEN_BYTE_ARRAY', typeLength, logical }
}

const text = { physical: 'BYTE_ARRAY', logical: { kind: 'STRING' } } as const
const json = { physical: 'BYTE_ARRAY', logical: { kind: 'JSON' } } as const
const leaves: Partial<Record<WireType, Leaf>> = {
  boolean: { wire: 'boolean', physical: 'BOOLEAN' },
  smallint: { wire: 'smallint', physical: 'INT32', logical: { kind: 'INTEGER', bitWidth: 16 } },
  integer: { wire: 'integer', physical: 'INT32', logical: { kind: 'INTEGER', bitWidth: 32 } },
  bigint: { wire: 'bigint', physical: 'INT64', logical: { kind: 'INTEGER', bitWidth: 64 } },
  real: { wire: 'real', physical: 'FLOAT' },
  'double precision': { wire: 'double precision', physical: 'DOUBLE' },
  text: { wire: 'text', ...text },
  'character varying': { wire: 'character varying', ...text },
  character: { wire: 'character', ...text },
  bytea: { wire: 'bytea', physical: 'BYTE_ARRAY' },
  json: { wire: 'json', ...json },
  jsonb: { wire: 'jsonb', ...json },
  uuid: { wire: 'uuid', physical: 'FIXED_LEN_BYTE_ARRAY', typeLength: 16, logical: { kind: 'UUID' } },
  date: { wire: 'date', physical: 'INT32', logical: { kind: 'DATE' } },
  'time without time zone': {
    wire: 'time without time zone',
    physical: 'INT64',
    logical: { kind: 'TIME' },
  },
  'timestamp without time zone': {
    wire: 'timestamp without time zone',
    physical: 'INT64',
    logical: { kind: 'TIMESTAMP', isAdjustedToUTC: false },
  },
  'timestamp with time zone': {
    wire: 'timestamp with time zone',
    physical: 'INT64',
    logical: { kind: 'TIMESTAMP', isAdjustedToUTC: true },
  },
}
