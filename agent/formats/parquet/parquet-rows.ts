import type { FileReader } from '../../connectors/connector.ts'
import type { FileRead, ReadPlan, RowChunk, RowFormat, RowStream } from '../../copy/files/row-format.ts'
import { TaskFailure } from '../../copy/failure.ts'
import type { PgColumn } from '../../copy/rows.ts'
import { startedScanner } from '../started-scanner.ts'
import { planParquetColumn } from './plan-column.ts'
import { emittedType } from './read/emitted-type.ts'
import { ParquetDecoder } from './read/parquet-decoder.ts'
import { ParquetEncoder } from './write/parquet-encoder.ts'

/** Parquet as a format for rows: binary tuples in, binary tuples out. */
export const parquetRows: RowFormat = {
  canonicalForm: 'pg-binary',
  copyFormat: 'binary',
  extension: () => 'parquet',
  planColumn: (source, wanted) => planParquetColumn(source, wanted),

  createEncoder({ columns, options, write }) {
    const encoder = new ParquetEncoder({ columns, compression: options.compression ?? 'none', write })
    return {
      write: (rows) => encoder.write(rows),
      finish: async () => void (await encoder.finish()),
    }
  },

  async digest(reader, { columns }, signal) {
    const decoder = await ParquetDecoder.open(reader)
    const scanner = startedScanner()
    const read = { columns, start: 0, end: decoder.rowCount }
    for await (const { bytes } of decoder.messages(read, signal)) scanner.scan(bytes)
    return scanner.digest()
  },

  async inspect(reader) {
    const decoder = await ParquetDecoder.open(reader)
    const { columns, rowCount, rowGroupEnds, nanosecondColumns, variantColumns } = decoder
    return {
      columns,
      length: rowCount,
      rowCount,
      estimatedBytes: rowCount * columns.length * typicalFieldBytes,
      splits: rowGroupEnds.slice(0, -1),
      warnings: [
        ...nanosecondColumns.map(
          (name) => `Column “${name}” holds nanoseconds: they are rounded down to microseconds.`,
        ),
        ...variantColumns.map(
          (name) =>
            `Column “${name}” is a VARIANT: its binary parts are copied as the file holds them. Write it as JSON to copy its values.`,
        ),
      ],
    }
  },

  planRead(columns) {
    return {
      canonicalForm: 'pg-binary',
      copyFormat: 'binary',
      copyOptions: 'FORMAT binary',
      columns: columns.map(({ natural, sinkType }) => ({
        name: natural.name,
        ...emittedType(natural.type, sinkType),
      })),
    }
  },

  requireTypes,

  async openRows(reader, read) {
    return new ParquetRowStream(await ParquetDecoder.open(reader), reader, read)
  },

  sentDigest: () => startedScanner(),
}

/** A field of a tuple with its length, between integers and short texts: only to divide the work. */
const typicalFieldBytes = 14

class ParquetRowStream implements RowStream {
  readonly #decoder: ParquetDecoder
  readonly #reader: FileReader
  readonly #read: FileRead
  readonly #scanner = startedScanner()

  constructor(decoder: ParquetDecoder, reader: FileReader, read: FileRead) {
    this.#decoder = decoder
    this.#reader = reader
    this.#read = read
  }

  async *chunks(signal: AbortSignal): AsyncGenerator<RowChunk> {
    const { plan, start, end } = this.#read
    const ends = new Set(this.#decoder.rowGroupEnds)
    requireTypes({ path: this.#reader.entry.path, columns: this.#decoder.columns }, plan)
    for await (const { bytes, row } of this.#decoder.messages(
      { columns: plan.columns, start, end },
      signal,
    )) {
      this.#scanner.scan(bytes)
      yield { bytes, position: ends.has(row) ? row : null }
    }
  }

  done(): void {
    // The decoder makes each message anew.
  }

  digest() {
    return this.#scanner.digest()
  }
}

/** The plan was made from another file of the same copy: this one must hold the same types. */
function requireTypes(
  { path, columns }: { path: string; columns: readonly PgColumn[] },
  plan: ReadPlan,
): void {
  for (const { name, type } of plan.columns) {
    const found = columns.find((column) => column.name === name)
    if (found && emittedType(found.type, type).isStaged)
      throw differentType(path, { name, type, found: found.type })
  }
}

/** Rows come without COPY's header, which the scanner passes over. */
function differentType(path: string, column: { name: string; type: string; found: string }): TaskFailure {
  const { name, type, found } = column
  return new TaskFailure(
    'schema_mismatch',
    `File “${path}” holds column “${name}” as ${found}, but other files of this copy hold it as ${type}.`,
    { side: 'source' },
  )
}
