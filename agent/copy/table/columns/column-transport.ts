import { castMark } from '../../../../lib/protocol/conversions.ts'
import {
  binarySignature,
  isBuiltIn,
  type BaseType,
  type PgTypes,
  resolveDomain,
  typeOids,
} from '../../../connectors/postgresql/pg-types.ts'
import { quoteName } from '../../../connectors/postgresql/quote.ts'
import { TaskFailure } from '../../failure.ts'
import { castSql } from './cast-sql.ts'

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
      expression: castTo(column, { from: base(source), to }),
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
  return { expression: castTo(column, { from, to }), isPortable: true, ...lossOf(source, sink) }
}

function castTo(expression: string, { from, to }: { from: BaseType; to: BaseType }): string {
  const length = to.typmod - 4 // VARHDRSZ is part of the modifier of char(n)
  if (to.oid === typeOids.bpchar && to.typmod !== -1)
    return `rpad(${expression}::text, greatest(${length}, char_length(${expression}::text)))::pg_catalog.bpchar`
  if (to.oid === typeOids.varchar) return `${expression}::varchar`
  // The cast between bits would cut or fill up; as bits of any number they are left to the sink to measure.
  if (bits.has(to.oid) && bits.has(from.oid)) return `${expression}::pg_catalog.varbit`
  return castSql(expression, { from: from.text, to: to.text })
}

const bits: ReadonlySet<number> = new Set([typeOids.bit, typeOids.varbit])

/** Only what changes values without stopping the copy. */
function lossOf(source: TypedColumn, sink: TypedColumn): { lossy?: string } {
  const mark = castMark(base(source).text, base(sink).text)
  return mark?.level === 'loses' ? { lossy: `${source.type} → ${sink.type}: ${mark.text}` } : {}
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
