import type { SchemaElement } from 'hyparquet'
import { leafFor } from '../leaf.ts'
import { parsePgType, type PgType } from '../../../../lib/protocol/pg-type.ts'
import { formatPgType, typeOids, isWireType, typmodOf } from '../pg-type.ts'
import type { PgColumn } from '../../../copy/rows.ts'

/** PostgreSQL's limit for a declared precision (numeric.c, NUMERIC_MAX_PRECISION). */
const maxNumericPrecision = 1000

/**
 * The PostgreSQL type that holds every value of a Parquet leaf. `recorded` is what the writer said the type was, if it was this
 * product: it decides between types that look alike in Parquet (varchar(10), jsonb).
 */
export function naturalType(element: SchemaElement, recorded: string | undefined): PgType {
  const type = recorded === undefined ? null : { ...parsePgType(recorded), isArray: false }
  if (type && isSameLeaf(type, element)) return type
  return byLogicalType(element) ?? byConvertedType(element) ?? byPhysicalType(element)
}

/** The column as it travels in tuples. */
export function pgColumn({ name, nullable }: Pick<PgColumn, 'name' | 'nullable'>, type: PgType): PgColumn {
  if (!isWireType(type.base)) throw new Error(`${type.base} does not travel in tuples`)
  const { oid, arrayOid } = typeOids[type.base]
  return {
    name,
    nullable,
    typeOid: type.isArray ? arrayOid : oid,
    typmod: typmodOf(type),
    type: formatPgType(type),
  }
}

function isSameLeaf(type: PgType, element: SchemaElement): boolean {
  const leaf = leafFor(type)
  if (!leaf || leaf.physical !== element.type) return false
  const { logical } = leaf
  const other = element.logical_type
  if (logical?.kind === 'DECIMAL')
    return other?.type === 'DECIMAL' && other.precision === logical.precision && other.scale === logical.scale
  if (logical?.kind === 'TIMESTAMP')
    return (
      other?.type === 'TIMESTAMP' &&
      other.isAdjustedToUTC === logical.isAdjustedToUTC &&
      other.unit === 'MICROS'
    )
  if (logical?.kind === 'INTEGER')
    return other?.type === 'INTEGER' && other.bitWidth === logical.bitWidth && other.isSigned
  if (logical?.kind === 'TIME') return other?.type === 'TIME' && other.unit === 'MICROS'
  return logical?.kind === other?.type
}

function byLogicalType({ logical_type: logical }: SchemaElement): PgType | null {
  switch (logical?.type) {
    case 'STRING':
    case 'ENUM':
    case 'NULL':
      return plain('text')
    case 'JSON':
    case 'UUID':
    case 'DATE':
      return plain(logical.type.toLowerCase())
    case 'DECIMAL':
      return decimal(logical)
    case 'TIME':
      return plain('time without time zone')
    case 'TIMESTAMP':
      return plain(logical.isAdjustedToUTC ? 'timestamp with time zone' : 'timestamp without time zone')
    case 'INTEGER':
      return integer(logical.bitWidth, logical.isSigned)
    case 'FLOAT16':
      return plain('real')
    default:
      return null
  }
}

/** What older writers say instead. Their timestamps are in UTC (parquet-format, LogicalTypes.md, backward compatibility). */
function byConvertedType({
  converted_type: converted,
  precision = 0,
  scale = 0,
}: SchemaElement): PgType | null {
  switch (converted) {
    case 'UTF8':
    case 'ENUM':
      return plain('text')
    case 'JSON':
      return plain('json')
    case 'INTERVAL':
      return plain('interval')
    case 'DATE':
      return plain('date')
    case 'TIME_MILLIS':
    case 'TIME_MICROS':
      return plain('time without time zone')
    case 'TIMESTAMP_MILLIS':
    case 'TIMESTAMP_MICROS':
      return plain('timestamp with time zone')
    case 'DECIMAL':
      return decimal({ precision, scale })
    default: {
      const sized = /^(U?)INT_(\d+)$/.exec(converted ?? '')
      return sized && integer(Number(sized[2]), sized[1] === '')
    }
  }
}

function byPhysicalType({ type }: SchemaElement): PgType {
  switch (type) {
    case 'BOOLEAN':
      return plain('boolean')
    case 'INT32':
      return plain('integer')
    case 'INT64':
      return plain('bigint')
    case 'INT96':
      return plain('timestamp without time zone')
    case 'FLOAT':
      return plain('real')
    case 'DOUBLE':
      return plain('double precision')
    default:
      return plain('bytea')
  }
}

/** PostgreSQL has no unsigned integers: the next larger type holds them. */
function integer(bitWidth: number, isSigned: boolean): PgType {
  const bits = isSigned ? bitWidth : bitWidth + 1
  if (bits <= 16) return plain('smallint')
  if (bits <= 32) return plain('integer')
  return bits <= 64 ? plain('bigint') : decimal({ precision: 20, scale: 0 })
}

function decimal({ precision, scale }: { precision: number; scale: number }): PgType {
  const isDeclarable = precision > 0 && precision <= maxNumericPrecision && scale >= 0 && scale <= precision
  return { base: 'numeric', modifiers: isDeclarable ? [precision, scale] : [], isArray: false }
}

function plain(base: string): PgType {
  return { base, modifiers: [], isArray: false }
}
