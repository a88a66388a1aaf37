/** A PostgreSQL type text, taken apart: `numeric(12,2)[]` is `{ base: 'numeric', modifiers: [12, 2], isArray: true }`. */
export type PgType = { base: string; modifiers: readonly number[]; isArray: boolean }

/** Other names that format_type() or people use for the same built-in types. */
const aliases: Readonly<Record<string, string>> = {
  bool: 'boolean',
  int2: 'smallint',
  int4: 'integer',
  int: 'integer',
  int8: 'bigint',
  float4: 'real',
  float8: 'double precision',
  decimal: 'numeric',
  varchar: 'character varying',
  bpchar: 'character',
  char: 'character',
  time: 'time without time zone',
  timetz: 'time with time zone',
  timestamp: 'timestamp without time zone',
  timestamptz: 'timestamp with time zone',
}

/** Reads the text of format_type(): base name, modifiers (which stand in the middle of `timestamp(3) with time zone`) and `[]`. */
export function parsePgType(text: string): PgType {
  const isArray = text.endsWith('[]')
  const element = isArray ? text.replace(/(\[\])+$/, '') : text
  const match = /^([^()]*?)\s*\((-?\d+)(?:,\s*(-?\d+))?\)(.*)$/.exec(element)
  const name = match ? `${match[1]}${match[4]}` : element
  const modifiers = match ? [match[2], match[3]].filter((part) => part !== undefined).map(Number) : []
  const plain = name.trim().replace(/^pg_catalog\./, '')
  const base = plain.includes('"') ? plain : plain.toLowerCase()
  return { base: aliases[base] ?? base, modifiers, isArray }
}

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
