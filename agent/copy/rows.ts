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
 * Whole binary COPY tuples back to back: per row a 16-bit field count, per field a 32-bit length (-1 is NULL) and its bytes.
 * Neither the 19-byte header nor the trailer is included. The buffer belongs to the producer and is only valid until the
 * consumer's promise resolves (writers) or the next batch is asked for (readers).
 */
export type TupleBatch = { buffer: Uint8Array; rowCount: number }

/** Encodes tuples to a file format. `write` resolves when the next batch may come (back-pressure). */
export interface TupleEncoder {
  write(batch: TupleBatch): Promise<void>
  /** Writes what is left (row group, footer). The underlying writer is committed by its owner, not here. */
  finish(): Promise<{ rowCount: number }>
}

/** Decodes a file to tuples, in file order, as often as it is iterated from the start. */
export interface TupleDecoder {
  /** The natural PostgreSQL type of each column; a mapping to other types is cast by the sink's server. */
  readonly columns: readonly PgColumn[]
  readonly rowCount: number
  /** `names`: the columns wanted, in the order of the tuples. */
  tuples(names: readonly string[], signal: AbortSignal): AsyncIterable<TupleBatch>
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
