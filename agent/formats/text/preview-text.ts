import { promisify } from 'node:util'
import { constants, gunzip, zstdDecompress } from 'node:zlib'
import type { CsvOptions } from '../../../lib/protocol/copy-plan.ts'
import type { PreviewRows } from '../../../lib/protocol/interactive.ts'
import type { FileReader } from '../../connectors/connector.ts'
import { TaskFailure } from '../../copy/failure.ts'

/** Enough for a hundred rows of ordinary width. */
const headBytes = 256 * 1024
const gunzipAsync = promisify(gunzip)
const zstdAsync = promisify(zstdDecompress)

type Csv = Required<(typeof CsvOptions)['_output']>
const defaultCsv: Csv = { delimiter: ',', quote: '"', header: true, nullText: '' }

/** The first rows of a CSV file; all columns are text until a mapping says otherwise. */
export async function previewCsv(
  reader: FileReader,
  limit: number,
  csv: Csv = defaultCsv,
): Promise<PreviewRows> {
  const records = csvRecords(await readHead(reader), csv, limit + 1)
  const [first = []] = records
  const names = first.map((name, index) => (csv.header ? (name ?? '') : `column${index + 1}`))
  const rows = records.slice(csv.header ? 1 : 0, limit + (csv.header ? 1 : 0))
  return {
    columns: names.map((name) => ({ name, type: 'text', nullable: true })),
    rows: rows.map((row) => names.map((_, index) => row[index] ?? null)),
  }
}

/** The first lines of a file of JSON objects; columns in the order in which they first occur. */
export async function previewJsonLines(reader: FileReader, limit: number): Promise<PreviewRows> {
  const head = await readHead(reader)
  const isWhole = head.length < headBytes
  const lines = head.split('\n').filter((line) => line.trim() !== '')
  const complete = isWhole || lines.length === 1 ? lines : lines.slice(0, -1)
  const objects = complete.slice(0, Math.max(limit, 1)).map((line) => parseObject(line, reader.entry.path))
  const names = [...new Set(objects.flatMap((object) => Object.keys(object)))]
  return {
    columns: names.map((name) => ({ name, type: 'text', nullable: true })),
    rows: objects.slice(0, limit).map((object) => names.map((name) => showJson(object[name]))),
  }
}

async function readHead(reader: FileReader): Promise<string> {
  const { path, sizeBytes } = reader.entry
  const bytes = await reader.read(0, Math.min(sizeBytes, headBytes))
  // A cut stream is not an error here: what came out so far is the head.
  const plain = path.endsWith('.gz')
    ? await gunzipAsync(bytes, { finishFlush: constants.Z_SYNC_FLUSH })
    : path.endsWith('.zst')
      ? await zstdAsync(bytes, { finishFlush: constants.ZSTD_e_flush })
      : Buffer.from(bytes)
  const text = plain.subarray(0, headBytes).toString()
  return text.startsWith('\uFEFF') ? text.slice(1) : text
}

function csvRecords(text: string, csv: Csv, limit: number): (string | null)[][] {
  const records: (string | null)[][] = []
  let at = 0
  while (at < text.length && records.length < limit) {
    const { fields, end } = csvRecord(text, at, csv)
    records.push(fields)
    at = end
  }
  return records
}

function csvRecord(text: string, start: number, csv: Csv): { fields: (string | null)[]; end: number } {
  const fields: (string | null)[] = []
  let at = start
  for (;;) {
    const field = csvField(text, at, csv)
    fields.push(field.value)
    at = field.end
    if (text[at] === csv.delimiter) {
      at++
      continue
    }
    if (text[at] === '\r') at++
    if (text[at] === '\n') at++
    return { fields, end: at }
  }
}

function csvField(text: string, start: number, csv: Csv): { value: string | null; end: number } {
  if (text[start] !== csv.quote) {
    let end = start
    while (end < text.length && text[end] !== csv.delimiter && text[end] !== '\n' && text[end] !== '\r') end++
    const value = text.slice(start, end)
    return { value: value === csv.nullText ? null : value, end }
  }
  let value = ''
  let at = start + 1
  while (at < text.length) {
    const quote = text.indexOf(csv.quote, at)
    if (quote < 0) return { value: value + text.slice(at), end: text.length }
    value += text.slice(at, quote)
    at = quote + 1
    if (text[at] !== csv.quote) return { value, end: at }
    value += csv.quote
    at++
  }
  return { value, end: at }
}

function parseObject(line: string, path: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line)
    if (value instanceof Object && !Array.isArray(value)) return Object.fromEntries(Object.entries(value))
  } catch {
    // Said below, without the line: it is data.
  }
  throw new TaskFailure('invalid_data', `File “${path}” has a line that is no JSON object`)
}

function showJson(value: unknown): string | null {
  if (value === null || value === undefined) return null
  return typeof value === 'string' ? value : JSON.stringify(value)
}
