import {
  binarySignature,
  isBuiltIn,
  type BaseType,
  type PgTypes,
  resolveDomain,
  typeOids,
} from '../../connectors/postgresql/pg-types.ts'
import { quoteName } from '../../connectors/postgresql/quote.ts'
import { TaskFailure } from '../failure.ts'

/** A column with the types of the server it is on. */
export type TypedColumn = { name: string; typeOid: number; typmod: number; type: string; types: PgTypes }

/** How one column travels between two PostgreSQL servers. */
export type ColumnTransport = {
  /** Read at the source: its value has already the form in which the sink will keep it. */
  expression: string
  /** False: the binary form means something else on the other server, so that the copy goes as text. */
  isPortable: boolean
  lossy?: string
}

/**
 * Equal types pass untouched; otherwise the source server casts, so that a value the sink's type cannot hold stops the copy
 * there. No cast may shorten text silently: an explicit cast to varchar(n) would, so lengths are left to the sink to enforce.
 */
export function planTransport(source: TypedColumn, sink: TypedColumn): ColumnTransport {
  const column = quoteName(source.name)
  const to = base(sink)
  const [sourceForm, sinkForm] = [source, sink].map(({ types, typeOid }) => binarySignature(types, typeOid))
  if (sourceForm && sourceForm === sinkForm)
    return sourceForm === 'enum' ? { expression: column, isPortable: true } : sameType(source, sink)
  if (sinkForm === 'enum') return { expression: `${column}::text`, isPortable: true }
  if (sinkForm)
    return {
      expression: castTo(column, to),
      isPortable: true,
      ...lossOf(source, sink),
    }
  const isNamesake = typeName(source) === typeName(sink)
  return { expression: isNamesake ? column : `${column}::text`, isPortable: false }
}

function base(column: TypedColumn): BaseType {
  return resolveDomain(column.types, column)
}

/** Types whose receive function refuses what does not fit instead of rounding: varchar, bit, varbit and arrays of them. */
const enforcedBySink: ReadonlySet<number> = new Set([
  typeOids.varchar,
  typeOids.bit,
  typeOids.varbit,
  1015,
  1561,
  1563,
])
const bpcharArray = 1014

function sameType(source: TypedColumn, sink: TypedColumn): ColumnTransport {
  const column = quoteName(source.name)
  const [from, to] = [base(source), base(sink)]
  if (from.typmod === to.typmod || to.typmod === -1 || enforcedBySink.has(to.oid))
    return { expression: column, isPortable: true }
  if (to.oid === bpcharArray)
    throw new TaskFailure(
      'type_unsupported',
      `Column “${source.name}”: ${source.type} cannot become ${sink.type} without padding every element; map it to text[].`,
    )
  const loss = losesPrecision(from, to) ? { lossy: `rounded from ${source.type} to ${sink.type}` } : {}
  return { expression: castTo(column, to), isPortable: true, ...loss }
}

function castTo(expression: string, to: BaseType): string {
  const length = to.typmod - 4 // VARHDRSZ is part of the modifier of char(n)
  if (to.oid === typeOids.bpchar && to.typmod !== -1)
    return `rpad(${expression}::text, greatest(${length}, char_length(${expression}::text)))::pg_catalog.bpchar`
  if (to.oid === typeOids.varchar) return `${expression}::varchar`
  return `${expression}::${to.text}`
}

/** numeric's modifier: precision in the upper half, an 11-bit signed scale below (src/backend/utils/adt/numeric.c). */
function numericLimits(typmod: number): [precision: number, scale: number] {
  const packed = typmod - 4
  return [(packed >> 16) & 0xffff, ((packed & 0x7ff) ^ 1024) - 1024]
}

function losesPrecision(from: BaseType, to: BaseType): boolean {
  if (from.typmod === -1) return true
  if (to.oid !== typeOids.numeric) return from.typmod > to.typmod
  return numericLimits(from.typmod)[1] > numericLimits(to.typmod)[1]
}

const wholeNumbers: readonly number[] = [typeOids.int2, typeOids.int4, typeOids.int8]
const fractions: readonly number[] = [typeOids.numeric, typeOids.float4, typeOids.float8]

/** What a cast between different types may lose without failing; casts that fail instead are no loss. */
function lossOf(source: TypedColumn, sink: TypedColumn): { lossy?: string } {
  const [from, to] = [base(source).oid, base(sink).oid]
  const change = `${source.type} → ${sink.type}`
  if (fractions.includes(from) && wholeNumbers.includes(to))
    return { lossy: `${change}: fractions are rounded` }
  const isNarrower = to === typeOids.float4 || (to === typeOids.float8 && from !== typeOids.float4)
  if (isNarrower && [typeOids.numeric, typeOids.float8, typeOids.int8].some((oid) => oid === from))
    return { lossy: `${change}: rounded to the nearest binary fraction` }
  if (to === typeOids.numeric && fractions.includes(from) && sink.typmod !== -1)
    return { lossy: `${change}: rounded to the scale` }
  if (from === typeOids.timestamptz && to === typeOids.timestamp)
    return { lossy: `${change}: as UTC, without zone` }
  if (to === typeOids.date && (from === typeOids.timestamp || from === typeOids.timestamptz))
    return { lossy: `${change}: the time of day is dropped` }
  if (from === typeOids.json && to === typeOids.jsonb)
    return { lossy: `${change}: spaces, key order and repeated keys are not kept` }
  return {}
}

function typeName({ types, typeOid }: TypedColumn): string {
  const type = types.get(typeOid)
  return type ? `${type.schema}.${type.name}` : ''
}

/** The type that a new table gets for a source column: the same where the sink knows it, else text. */
export function typeForNewColumn(
  source: TypedColumn,
  sinkKnows: (schema: string, name: string) => boolean,
): string {
  const { oid, text } = base(source)
  if (isBuiltIn(oid)) return text
  const type = source.types.get(oid)
  const element = type && type.elementOid !== 0 ? source.types.get(type.elementOid) : undefined
  const named = element ?? type
  if (named && named.kind !== 'd' && sinkKnows(named.schema, named.name)) return text
  return element ? 'text[]' : 'text'
}
