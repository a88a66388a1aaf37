import type { ReadColumn, ReadPlan, RowFormat } from '../../copy/files/row-format.ts'
import { startedScanner } from '../started-scanner.ts'
import { CsvRecords } from '../../digest/csv-records.ts'
import { compressionOf, readText } from '../text/decompress.ts'
import { compressionSuffix } from '../text/text-writer.ts'
import { unknownTextLength } from '../text/text-length.ts'
import { splitsNear } from '../text/text-splits.ts'
import { readCsvHead } from './csv-columns.ts'
import { CsvEncoder } from './csv-encoder.ts'
import { csvCopyOptions, type CsvOptions, csvOptionsOf } from './csv-options.ts'
import { CsvRowStream } from './csv-row-stream.ts'
import { findRecordStart } from './record-start.ts'
import { SentCsv } from './sent-csv.ts'

/**
 * CSV as PostgreSQL writes and reads it. Out of a table the server sends text, which costs it least, and this node makes CSV of it;
 * into a table the bytes pass through. At level content every field is compared as it stood in the file: in the table itself
 * where it is written as the sink's server writes it, or else in a temporary table of text, from which the server casts it.
 */
export const csvRows: RowFormat = {
  canonicalForm: 'pg-text',
  copyFormat: 'text',
  extension: ({ compression = 'none' }) => `csv${compressionSuffix[compression]}`,
  planColumn: ({ type }, wanted) => ({ castTo: wanted ?? null, formatType: wanted ?? type }),
  createEncoder: (file) => new CsvEncoder(file),

  async digest(reader, { columns, options }, signal) {
    const csv = csvOptionsOf(options.csv)
    const skip = csv.header ? 1 : 0
    const select = columns.map((_, index) => index)
    const form = { columns: columns.length, output: 'raw', digest: 'text', select, skip } as const
    const records = new CsvRecords({ ...csv, ...form })
    for await (const text of readText(reader)) {
      signal.throwIfAborted()
      records.push(text, () => {})
    }
    records.end(() => {})
    return records.digest()
  },

  async inspect(reader, { csv }) {
    const { columns } = await readCsvHead(reader, csv)
    const isPlain = (await compressionOf(reader)) === 'none'
    const { sizeBytes } = reader.entry
    const common = { columns, splits: [], isBlank: columns.length === 0 }
    if (isPlain) return { ...common, length: sizeBytes }
    return { ...common, length: unknownTextLength, estimatedBytes: sizeBytes * typicalCompression }
  },

  async findSplits(reader, near, { csv }) {
    const { columns } = await readCsvHead(reader, csv)
    const dialect = { ...csvOptionsOf(csv), columns: columns.length }
    return splitsNear(reader, near, (piece) => findRecordStart(piece, dialect))
  },

  planRead(columns, { csv, verification }) {
    if (verification !== 'content') return untouched(columns, csv, 'csv')
    return {
      canonicalForm: 'pg-binary',
      copyFormat: 'binary',
      copyOptions: 'FORMAT binary',
      columns: columns.map(({ natural, sinkType }) => ({
        name: natural.name,
        type: isPlainText(sinkType) ? sinkType : 'text',
        isStaged: !isPlainText(sinkType),
      })),
    }
  },

  planDirect: (columns, { csv }) => untouched(columns, csv, 'pg-binary'),
  openRows: (reader, read) => CsvRowStream.open(reader, read),
  sentDigest: (plan, { csv }) =>
    plan.copyFormat === 'binary' ? startedScanner() : new SentCsv(csvOptionsOf(csv), plan),
}

/** The server of the sink reads the fields itself. */
function untouched(
  columns: readonly ReadColumn[],
  csv: CsvOptions | undefined,
  canonicalForm: ReadPlan['canonicalForm'],
): ReadPlan {
  return {
    canonicalForm,
    copyFormat: 'csv',
    copyOptions: csvCopyOptions(csv),
    columns: columns.map(({ natural, sinkType }) => ({
      name: natural.name,
      type: sinkType,
      isStaged: false,
    })),
  }
}

/** Text shrinks to about a quarter: only to divide the work. */
const typicalCompression = 4

/** Types whose binary form is the text itself: what arrives is what is read back. */
export function isPlainText(type: string): boolean {
  return /^(text|json|character varying(\(\d+\))?)$/.test(type)
}
