import type { ReadColumn, RowFormat } from '../../copy/files/row-format.ts'
import { JsonLines, type ValueForm } from '../../digest/json-lines.ts'
import { csvCopyOptions, csvOptionsOf } from '../csv/csv-options.ts'
import { isPlainText } from '../csv/csv-rows.ts'
import { SentCsv } from '../csv/sent-csv.ts'
import { startedScanner } from '../started-scanner.ts'
import { compressionOf, readText } from '../text/decompress.ts'
import { unknownTextLength } from '../text/text-length.ts'
import { splitsNear } from '../text/text-splits.ts'
import { compressionSuffix } from '../text/text-writer.ts'
import { readJsonlHead, widestColumn } from './jsonl-columns.ts'
import { JsonlEncoder } from './jsonl-encoder.ts'
import { JsonlRowStream } from './jsonl-row-stream.ts'

/**
 * One JSON object per line. The source's server renders each value as JSON (to_json): numbers exactly, NaN and infinity as
 * strings, timestamps as ISO 8601, bytea as `\\x` and hexadecimal digits, arrays as arrays, json as it is.
 */
export const jsonlRows: RowFormat = {
  canonicalForm: 'json',
  copyFormat: 'binary',
  extension: ({ compression = 'none' }) => `jsonl${compressionSuffix[compression]}`,

  planColumn({ type }, wanted) {
    const from = wanted ?? type
    const cast = (column: string) => (wanted === undefined ? column : `${column}::${wanted}`)
    return {
      castTo: 'text',
      formatType: jsonTypeOf(from),
      render: (column) => renderJson(cast(column)),
    }
  },

  createEncoder: (file) => new JsonlEncoder(file),

  async digest(reader, { columns }, signal) {
    const names = columns.map(({ name }) => name)
    const select = names.map((name) => ({ name, form: 'json' as const }))
    const lines = new JsonLines({ names, select, output: 'values', isStrict: true })
    for await (const text of readText(reader)) {
      signal.throwIfAborted()
      lines.push(text, () => {})
    }
    lines.end(() => {})
    return lines.digest()
  },

  async inspect(reader) {
    const { columns, undecided, isBlank, isWhole } = await readJsonlHead(reader)
    const isPlain = (await compressionOf(reader)) === 'none'
    const { sizeBytes } = reader.entry
    const common = { columns, undecided, isBlank, isSampled: !isWhole, splits: [] }
    if (isPlain) return { ...common, length: sizeBytes }
    return { ...common, length: unknownTextLength, estimatedBytes: sizeBytes * typicalCompression }
  },

  commonColumn: widestColumn,
  mayLackColumns: true,

  /** A line end is never part of a value. */
  findSplits: (reader, near) => splitsNear(reader, near, (piece) => piece.indexOf(lineFeed) + 1),

  planRead(columns, { verification }) {
    const isContent = verification === 'content'
    return {
      canonicalForm: isContent ? 'pg-binary' : 'csv',
      copyFormat: isContent ? 'binary' : 'csv',
      copyOptions: isContent ? 'FORMAT binary' : csvCopyOptions(undefined),
      columns: columns.map((column) => readAs(column, isContent)),
    }
  },

  openRows: (reader, read) => JsonlRowStream.open(reader, read),
  sentDigest: (plan) =>
    plan.copyFormat === 'binary' ? startedScanner() : new SentCsv(csvOptionsOf(undefined), plan),
}

const lineFeed = 0x0a
/** Text shrinks to about a quarter: only to divide the work. */
const typicalCompression = 4

/** A raw line end can only be a blank between the tokens of JSON, and would end the line. */
function renderJson(column: string): string {
  return `translate(coalesce(to_json(${column})::text, 'null'), E'\\n\\r', '  ')`
}

function jsonTypeOf(type: string): string {
  if (type.endsWith('[]')) return 'array'
  if (/^(smallint|integer|bigint|real|double precision|numeric)/.test(type)) return 'number'
  if (/^jsonb?$/.test(type)) return 'any'
  return type === 'boolean' ? 'boolean' : 'string'
}

function readAs({ natural, sinkType }: ReadColumn, isContent: boolean) {
  const isStaged = isContent && !isPlainText(sinkType)
  return { name: natural.name, type: isStaged ? 'text' : sinkType, isStaged, form: formOf(sinkType) }
}

function formOf(type: string): ValueForm {
  if (/^jsonb?\[\]$/.test(type)) return 'json array'
  if (type.endsWith('[]')) return 'array'
  return /^jsonb?$/.test(type) ? 'json' : 'text'
}
