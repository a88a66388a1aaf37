import type { CopyPlan, CopySink, CopySource } from '../../../lib/protocol/copy-plan.ts'
import type { FileReader } from '../../connectors/connector.ts'
import type { RowDigest } from '../../digest/row-digest.ts'
import type { EncodedColumnPlan, PgColumn } from '../rows.ts'

export type FilesSink = Extract<CopySink, { kind: 'files' }>
export type FilesSource = Extract<CopySource, { kind: 'files' }>
/** Options of the format itself, the same at both ends. */
export type FormatOptions = Pick<FilesSink, 'compression' | 'csv'>

/** How rows of a table lie in a file. Rows travel as COPY sends them: the source's server does the casts. */
export interface RowFormat {
  readonly canonicalForm: CopyPlan['canonicalForm']
  /** The form of the rows between server and file. */
  readonly copyFormat: 'binary' | 'text' | 'csv'
  /** COPY's options at the server: `FORMAT binary`. */
  copyOptions(options: FormatOptions): string
  /** Without the dot: `parquet`, `csv.gz`. */
  extension(options: FormatOptions): string
  /** Decided before anything is copied. `wanted` is the mapping's choice of a type. */
  planColumn(source: { type: string }, wanted: string | undefined): EncodedColumnPlan
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
