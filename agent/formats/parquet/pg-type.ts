import type { PgType } from '../../../lib/protocol/pg-type.ts'

/** The type text again, built from known parts only, so that it may stand in SQL. */
export function formatPgType({ base, modifiers, isArray }: PgType): string {
  const suffix = isArray ? '[]' : ''
  if (!modifiers.length) return `${base}${suffix}`
  const [word, ...rest] = base.startsWith('time') ? base.split(' ') : [base]
  return `${[`${word}(${modifiers.join(',')})`, ...rest].join(' ')}${suffix}`
}

/** OIDs of the built-in types that travel in binary form (PostgreSQL's src/include/catalog/pg_type.dat). */
export const typeOids = {
  boolean: { oid: 16, arrayOid: 1000 },
  bytea: { oid: 17, arrayOid: 1001 },
  bigint: { oid: 20, arrayOid: 1016 },
  smallint: { oid: 21, arrayOid: 1005 },
  integer: { oid: 23, arrayOid: 1007 },
  text: { oid: 25, arrayOid: 1009 },
  json: { oid: 114, arrayOid: 199 },
  real: { oid: 700, arrayOid: 1021 },
  'double precision': { oid: 701, arrayOid: 1022 },
  character: { oid: 1042, arrayOid: 1014 },
  'character varying': { oid: 1043, arrayOid: 1015 },
  date: { oid: 1082, arrayOid: 1182 },
  'time without time zone': { oid: 1083, arrayOid: 1183 },
  'timestamp without time zone': { oid: 1114, arrayOid: 1115 },
  'timestamp with time zone': { oid: 1184, arrayOid: 1185 },
  interval: { oid: 1186, arrayOid: 1187 },
  numeric: { oid: 1700, arrayOid: 1231 },
  uuid: { oid: 2950, arrayOid: 2951 },
  jsonb: { oid: 3802, arrayOid: 3807 },
} as const
export type WireType = keyof typeof typeOids

export function isWireType(base: string): base is WireType {
  return base in typeOids
}

/** atttypmod of a built-in type: numeric packs both numbers above an offset of 4 bytes (numeric.c, make_numeric_typmod). */
export function typmodOf({ base, modifiers }: Pick<PgType, 'base' | 'modifiers'>): number {
  const [first, second = 0] = modifiers
  if (first === undefined) return -1
  if (base === 'numeric') return ((first << 16) | (second & 0x7ff)) + 4
  return base === 'character' || base === 'character varying' ? first + 4 : first
}
