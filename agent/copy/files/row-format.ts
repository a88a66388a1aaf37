import {
  canonicalForms,
  type CopyPlan,
  type CopySink,
  type CopySource,
  type VerificationLevel,
} from '../../../lib/protocol/copy-plan.ts'
import { z } from 'zod'
import type { FileReader } from '../../connectors/connector.ts'
import type { RowDigest } from '../../digest/row-digest.ts'
import type { EncodedColumnPlan, PgColumn } from '../rows.ts'

export type FilesSink = Extract<CopySink, { kind: 'files' }>
export type FilesSource = Extract<CopySource, { kind: 'files' }>
/** Options of the format itself, the same at both ends. */
export type FormatOptions = Partial<Pick<FilesSink, 'compression'>> & Pick<FilesSink, 'csv'>

/** A format whose files hold rows of a table. */
export type RowFormat = RowWriting & RowReading

/** From table to file. Rows travel as COPY sends them: the source's server does the casts. */
export interface RowWriting {
  readonly canonicalForm: CopyPlan['canonicalForm']
  /** The form of the rows between server and file. */
  readonly copyFormat: 'binary' | 'text'
  /** Without the dot: `parquet`, `csv.gz`. */
  extension(options: FormatOptions): string
  /** Decided before anything is copied. `wanted` is the mapping's choice of a type. */
  planColumn(source: { type: string; dimensions: number }, wanted: string | undefined): EncodedColumnPlan
  createEncoder(file: NewFile): RowEncoder
  /** Reads a finished file again, to the rows that the encoder was given. */
  digest(
    reader: FileReader,
    file: Pick<NewFile, 'columns' | 'options'>,
    signal: AbortSignal,
  ): Promise<RowDigest>
}

export type NewFile = {
  columns: readonly PgColumn[]
  options: FormatOptions
  /** Takes the bytes over before it resolves. */
  write: (bytes: Uint8Array) => Promise<void>
}

export interface RowEncoder {
  /** Whole rows, bare of message headers. The caller reuses the buffer when the promise resolves. */
  write(rows: Uint8Array): Promise<void>
  /** Writes what is left: the last row group, the footer. */
  finish(): Promise<void>
}

/** From file to table. The sink's server does the casts, when the rows are published. */
export interface RowReading {
  inspect(reader: FileReader, options: FormatOptions): Promise<FileShape>
  /** For formats that tell types by values: what holds the values of the same column in several files. */
  commonColumn?(columns: readonly PgColumn[]): PgColumn
  /** Each row names its columns: what it, or the whole file, does not name is NULL. */
  readonly mayLackColumns?: true
  /** Where near these positions of a file that is not compressed a part may begin: for formats that do not say it of themselves. */
  findSplits?(reader: FileReader, near: readonly number[], options: FormatOptions): Promise<number[]>
  planRead(
    columns: readonly ReadColumn[],
    options: FormatOptions & { verification: VerificationLevel },
  ): ReadPlan
  /**
   * Rows as the columns of the sink take them, but digested in the form of `planRead`: where a file writes its values as the
   * sink's server does, the table itself can be compared with it.
   */
  planDirect?(columns: readonly ReadColumn[], options: FormatOptions): ReadPlan
  /** Throws where a file holds values that the plan, which was made from another file of the copy, does not take. */
  requireTypes?(file: { path: string; columns: readonly PgColumn[] }, plan: ReadPlan): void
  openRows(reader: FileReader, read: FileRead): Promise<RowStream>
  /** Digests messages in the plan's canonical form, as they are handed to the sink. */
  sentDigest(plan: ReadPlan, options: FormatOptions): MessageDigest
}

/** What a file says of itself. Positions count in the format's own units: rows of Parquet, bytes of text. */
export type FileShape = {
  /** With the natural PostgreSQL type of each. */
  columns: readonly PgColumn[]
  length: number
  /** Where the file says it without being read through. */
  rowCount?: number
  /** About how large its rows are on their way, where compression hides it. */
  estimatedBytes?: number
  /** What is lost of it whatever it is copied to, one sentence each. */
  warnings?: readonly string[]
  /** Columns whose type its values do not tell. */
  undecided?: readonly string[]
  /** Types were told by its beginning: what follows may differ. */
  isSampled?: boolean
  /** There is nothing in it: neither rows nor the names of columns. */
  isBlank?: boolean
  /** Positions beside 0 where a part may begin, ascending. */
  splits: readonly number[]
}

/** A mapped column: what the file holds, and the base type of the sink's column. */
export type ReadColumn = { natural: PgColumn; sinkType: string }

export const ReadPlan = z.object({
  canonicalForm: z.enum(canonicalForms),
  copyFormat: z.enum(['binary', 'text', 'csv']),
  /** COPY's options at the sink: `FORMAT binary`. */
  copyOptions: z.string(),
  /** In the order of the fields: name in the file, type in which the values arrive, and whether they must be staged in it. */
  columns: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      isStaged: z.boolean(),
      /** What the format makes of the values, where the type does not say it. */
      form: z.string().exactOptional(),
    }),
  ),
})
export type ReadPlan = z.infer<typeof ReadPlan>

/** From position `start` to `end`. */
export type FileRead = { plan: ReadPlan; options: FormatOptions; start: number; end: number }

/** CopyData messages; `position` is where the file stands behind them, or null where a commit would cut a row. */
export type RowChunk = { bytes: Uint8Array; position: number | null }

export interface RowStream {
  /** The bytes are the caller's until it says `done`. */
  chunks(signal: AbortSignal): AsyncIterable<RowChunk>
  /** The bytes may be overwritten from now on. */
  done(bytes: Uint8Array): void
  /** Of the rows handed out so far, taken as they were read. */
  digest(): RowDigest
}
export interface MessageDigest {
  scan(messages: Uint8Array): unknown
  digest(): RowDigest
}
