/** A column as it travels in binary COPY tuples. */
export type PgColumn = {
  name: string
  /** Type on the wire, after every cast of the plan; domains are already resolved to their base type. */
  typeOid: number
  /** As in pg_attribute.atttypmod: -1 where the type has no modifier. */
  typmod: number
  /** The server's own type text: `numeric(12,2)`. */
  type: string
  nullable: boolean
}

/**
 * Signature, flags and extension length of a binary COPY, and its trailer, each as a CopyData message
 * (sql-copy and protocol-message-formats in PostgreSQL's manual).
 */
export const copyHeader: Uint8Array = Buffer.from('d\0\0\0\x17PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')
export const copyTrailer: Uint8Array = Buffer.from('d\0\0\0\x06\xff\xff', 'latin1')

/** What a file format makes of a PostgreSQL column; decided before anything is copied. */
export type EncodedColumnPlan = {
  /** SQL type that the source server casts to first (for example `text`), or null where the type is held as it is. */
  castTo: string | null
  /** More than a cast: the expression that the source server evaluates for a quoted column name. */
  render?: (column: string) => string
  /** The format's own type text: `DECIMAL(12,2)`. */
  formatType: string
  /** What does not survive, in words; absent where nothing is lost. */
  lossy?: string
}
