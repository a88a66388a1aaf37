/** A PostgreSQL type text taken apart: `character varying(20)[]`. */
export type ColumnType = { base: string; modifiers: readonly number[]; isArray: boolean }

/** PostgreSQL's own aliases (documentation, table 8.1), to the names that format_type() gives. */
const aliases: Record<string, string> = {
  int2: 'smallint',
  int: 'integer',
  int4: 'integer',
  int8: 'bigint',
  float4: 'real',
  float8: 'double precision',
  float: 'double precision',
  decimal: 'numeric',
  bool: 'boolean',
  varchar: 'character varying',
  char: 'character',
  bpchar: 'character',
  timestamp: 'timestamp without time zone',
  timestamptz: 'timestamp with time zone',
  time: 'time without time zone',
  timetz: 'time with time zone',
}

export function parseColumnType(text: string): ColumnType {
  const isArray = /\[\]\s*$/.test(text)
  const plain = text
    .trim()
    .toLowerCase()
    .replaceAll(/(\[\])+\s*$/g, '')
  const modifiers = (/\(([\d,\s-]+)\)/.exec(plain)?.[1] ?? '')
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number)
  const name = plain
    .replace(/\([^)]*\)/, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
  return { base: aliases[name] ?? name, modifiers, isArray }
}

/** What a table gets for a column of a file where the mapping says nothing: the type that holds every value. */
export function postgresTypeOf(fileType: string): string | null {
  const decimal = /^decimal\((\d+),\s*(\d+)\)$/i.exec(fileType)
  if (decimal) return `numeric(${decimal[1]},${decimal[2]})`
  return parquetTypes[fileType.trim().toUpperCase().replaceAll(/\s+/g, '')] ?? null
}

/** Parquet's types by the names that nodes give them, and the PostgreSQL type each is read as. */
const parquetTypes: Record<string, string> = {
  BOOLEAN: 'boolean',
  'INT(8)': 'smallint',
  'INT(16)': 'smallint',
  'INT(32)': 'integer',
  INT32: 'integer',
  'INT(64)': 'bigint',
  INT64: 'bigint',
  FLOAT: 'real',
  DOUBLE: 'double precision',
  STRING: 'text',
  ENUM: 'text',
  JSON: 'json',
  UUID: 'uuid',
  DATE: 'date',
  'TIME(MICROS)': 'time without time zone',
  'TIMESTAMP(MICROS)': 'timestamp without time zone',
  'TIMESTAMP(MICROS,UTC)': 'timestamp with time zone',
  BYTE_ARRAY: 'bytea',
}
