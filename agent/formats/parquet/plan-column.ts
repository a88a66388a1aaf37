import type { EncodedColumnPlan } from '../../copy/rows.ts'
import { type Leaf, leafFor } from './leaf.ts'
import { parsePgType, type PgType } from '../../../lib/protocol/pg-type.ts'
import { formatPgType } from './pg-type.ts'

/**
 * What Parquet makes of a PostgreSQL column, decided from its type text before anything is copied. A type without a counterpart
 * travels as the server's own text, which loses nothing: numeric without precision (any digits, NaN), interval (microseconds
 * beside Parquet's milliseconds), inet, enum, ranges, composites. `wanted` is the mapping's choice: a PostgreSQL type text.
 */
export function planParquetColumn(
  source: { type: string; dimensions: number },
  wanted?: string,
): EncodedColumnPlan {
  const from = parsePgType(source.type)
  if (wanted) return planWanted(from, wanted)
  // The dimensions of an array are not part of its type: attndims is what the table's author wrote.
  if (from.isArray && source.dimensions > 1) return { castTo: 'text', formatType: 'STRING' }
  const leaf = leafFor(from)
  if (leaf) return { castTo: null, formatType: formatType(leaf, from.isArray) }
  const wider = from.base === 'numeric' ? wholeNumeric(from) : null
  const castTo = `${wider ?? 'text'}${from.isArray ? '[]' : ''}`
  const castLeaf = leafFor(parsePgType(castTo))
  return { castTo, formatType: castLeaf ? formatType(castLeaf, from.isArray) : 'STRING' }
}

/** `DECIMAL(12,2)`, `TIMESTAMP(MICROS,UTC)`, `LIST<INT(32)>`. */
export function formatType(leaf: Leaf, isList: boolean): string {
  const name = leafName(leaf)
  return isList ? `LIST<${name}>` : name
}

function leafName({ logical, physical }: Leaf): string {
  if (!logical) return physical
  switch (logical.kind) {
    case 'DECIMAL':
      return `DECIMAL(${logical.precision},${logical.scale})`
    case 'INTEGER':
      return `INT(${logical.bitWidth})`
    case 'TIME':
      return 'TIME(MICROS)'
    case 'TIMESTAMP':
      return logical.isAdjustedToUTC ? 'TIMESTAMP(MICROS,UTC)' : 'TIMESTAMP(MICROS)'
    default:
      return logical.kind
  }
}

/** numeric(5,-2) holds whole numbers of up to 7 digits, numeric(2,4) fractions of 4: both are plain decimals. */
function wholeNumeric({ modifiers: [precision, scale = 0] }: PgType): string | null {
  if (precision === undefined) return null
  const wide = scale < 0 ? `numeric(${precision - scale},0)` : `numeric(${scale},${scale})`
  const fits = (scale < 0 || scale > precision) && leafFor(parsePgType(wide))
  return fits ? wide : null
}

function planWanted(from: PgType, wanted: string): EncodedColumnPlan {
  const type = parsePgType(/^string$/i.test(wanted.trim()) ? 'text' : wanted.trim())
  const leaf = leafFor(type)
  const castTo = leaf ? formatPgType(type) : `text${type.isArray ? '[]' : ''}`
  const formatName = leaf ? formatType(leaf, type.isArray) : 'STRING'
  const narrows = type.base !== 'text' && !sameType(from, type)
  return {
    castTo: sameType(from, type) ? null : castTo,
    formatType: formatName,
    ...(narrows && { lossy: `cast to ${castTo}: a value that does not fit is rounded or stops the copy` }),
  }
}

function sameType(left: PgType, right: PgType): boolean {
  return formatPgType(left) === formatPgType(right)
}
