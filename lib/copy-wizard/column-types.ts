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
