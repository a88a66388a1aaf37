import type { PgSession } from './session.ts'

/** What must be known of a type to decide how its values travel. */
export type PgType = {
  oid: number
  schema: string
  name: string
  /** As pg_type.typtype: b(ase), c(omposite), d(omain), e(num), p(seudo), r(ange), m(ultirange). */
  kind: string
  /** Of a domain. */
  baseOid: number
  baseTypmod: number
  /** format_type() of the two. */
  baseText: string
  /** Of a true array; 0 otherwise. */
  elementOid: number
  hasBinary: boolean
  /** As pg_type.typcategory. */
  category: string
}

/**
 * Types below this OID are assigned by hand and equal on all servers of all versions
 * (FirstGenbkiObjectId in src/include/access/transam.h).
 */
const firstGeneratedOid = 10_000

/** Types of the server whose binary form holds OIDs of this server's own objects: regproc … regcollation, aclitem. */
const localReferences: ReadonlySet<number> = new Set([
  24, 1033, 2202, 2203, 2204, 2205, 2206, 3734, 3769, 4089, 4096, 4191, 1008, 1034, 2207, 2208, 2209, 2210,
  2211, 3735, 3770, 4090, 4097, 4192,
])

/** OIDs of src/include/catalog/pg_type.dat that the engine treats specially. */
export const typeOids = {
  bool: 16,
  bytea: 17,
  name: 19,
  int8: 20,
  int2: 21,
  int4: 23,
  text: 25,
  json: 114,
  float4: 700,
  float8: 701,
  unknown: 705,
  bpchar: 1042,
  varchar: 1043,
  date: 1082,
  timestamp: 1114,
  timestamptz: 1184,
  bit: 1560,
  varbit: 1562,
  numeric: 1700,
  uuid: 2950,
  jsonb: 3802,
} as const

/** The types of one server by OID, with everything they are made of. */
export type PgTypes = ReadonlyMap<number, PgType>

export async function loadTypes(session: PgSession, oids: Iterable<number>): Promise<PgTypes> {
  const types = new Map<number, PgType>()
  let wanted = [...new Set(oids)]
  while (wanted.length > 0) {
    const { rows } = await session.query<PgType>(typesSql, [wanted])
    for (const type of rows) types.set(type.oid, type)
    const parts = rows.flatMap(({ baseOid, elementOid }) => [baseOid, elementOid])
    wanted = [...new Set(parts)].filter((oid) => oid !== 0 && !types.has(oid))
  }
  return types
}

const typesSql = `
  SELECT t.oid::int8::float8 AS oid, n.nspname AS schema, t.typname AS name, t.typtype::text AS kind,
    t.typbasetype::int8::float8 AS "baseOid", t.typtypmod AS "baseTypmod", format_type(t.typbasetype, t.typtypmod) AS "baseText", t.typcategory::text AS category,
    CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN t.typelem::int8::float8 ELSE 0 END AS "elementOid",
    t.typsend <> 0 AND t.typreceive <> 0 AS "hasBinary"
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.oid = ANY($1::oid[])`

export type BaseType = { oid: number; typmod: number; text: string }

/** A domain's innermost base type with its modifier; every other type is itself. */
export function resolveDomain(
  types: PgTypes,
  column: { typeOid: number; typmod: number; type: string },
): BaseType {
  let at: BaseType = { oid: column.typeOid, typmod: column.typmod, text: column.type }
  for (let type = types.get(at.oid); type?.kind === 'd'; type = types.get(at.oid))
    at = { oid: type.baseOid, typmod: type.baseTypmod, text: type.baseText }
  return at
}

export function isBuiltIn(oid: number): boolean {
  return oid < firstGeneratedOid
}

/**
 * What the binary form of a type is called on every server: two columns may exchange it untouched when it is the same.
 * Null where the binary form holds OIDs that mean something on one server only, or where there is none.
 */
export function binarySignature(types: PgTypes, oid: number): string | null {
  const base = resolveDomain(types, { typeOid: oid, typmod: -1, type: '' }).oid
  const type = types.get(base)
  if (!type) return null
  if (type.kind === 'e') return 'enum'
  if (!isBuiltIn(base) || !type.hasBinary || localReferences.has(base) || type.kind === 'p') return null
  if (type.elementOid === 0) return `type ${base}`
  return isBuiltIn(type.elementOid) && types.get(type.elementOid)?.hasBinary ? `type ${base}` : null
}
