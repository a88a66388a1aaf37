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
  float: 'double precision',
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
  const isArray = /\[\]\s*$/.test(text)
  const element = text.replace(/\s*(\[\])+\s*$/, '')
  const match = /^([^()]*?)\s*\(\s*(-?\d+)\s*(?:,\s*(-?\d+)\s*)?\)(.*)$/.exec(element)
  const name = match ? `${match[1]}${match[4]}` : element
  const modifiers = match ? [match[2], match[3]].filter((part) => part !== undefined).map(Number) : []
  const plain = name
    .trim()
    .replaceAll(/\s+/g, ' ')
    .replace(/^pg_catalog\./, '')
  const base = plain.includes('"') ? plain : plain.toLowerCase()
  return { base: aliases[base] ?? base, modifiers, isArray }
}

/** PostgreSQL's NAMEDATALEN - 1: its server cuts a longer name without a word. */
export const maxIdentifierBytes = 63

export function fitsIdentifier(name: string): boolean {
  return new TextEncoder().encode(name).length <= maxIdentifierBytes
}
