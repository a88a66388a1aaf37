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

/** Decodes a file to rows, in file order, as often as it is iterated from the start. */
export interface RowDecoder {
  /** The natural PostgreSQL type of each column; a mapping to other types is cast by the sink's server. */
  readonly columns: readonly PgColumn[]
  readonly rowCount: number
  /**
   * The rows as CopyData messages of a binary COPY, each message one row, with COPY's header and trailer: as a server would
   * send them. `names`: the columns wanted, in the order of the fields. A chunk is valid until the next one is asked for.
   */
  messages(names: readonly string[], signal: AbortSignal): AsyncIterable<Uint8Array>
}

/** What a file format makes of a PostgreSQL column; decided before anything is copied. */
export type EncodedColumnPlan = {
  /** SQL type that the source server casts to first (for example `text`), or null where the type is held as it is. */
  castTo: string | null
  /** The format's own type text: `DECIMAL(12,2)`. */
  formatType: string
  /** What does not survive, in words; absent where nothing is lost. */
  lossy?: string
}
