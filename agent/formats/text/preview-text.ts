import type { PreviewRows } from '../../../lib/protocol/interactive.ts'
import type { FileReader } from '../../connectors/connector.ts'
import type { PgColumn } from '../../copy/rows.ts'
import { readCsvHead } from '../csv/csv-columns.ts'
import type { CsvOptions } from '../csv/csv-options.ts'
import { readJsonlHead } from '../jsonl/jsonl-columns.ts'

/** The first rows of a CSV file, with the columns that a copy finds in it. */
export async function previewCsv(
  reader: FileReader,
  limit: number,
  csv: CsvOptions | undefined,
): Promise<PreviewRows> {
  const { columns, rows } = await readCsvHead(reader, csv, limit)
  return {
    columns: columns.map(shown),
    rows: rows.map((row) => columns.map((_, index) => row[index] ?? null)),
  }
}

/** The first lines of a file of JSON objects, with the columns that a copy finds in it. */
export async function previewJsonLines(reader: FileReader, limit: number): Promise<PreviewRows> {
  const { columns, lines } = await readJsonlHead(reader, limit)
  return { columns: columns.map(shown), rows: lines.map((line) => valuesOf(line, columns)) }
}

function shown({ name, type, nullable }: PgColumn): PreviewRows['columns'][number] {
  return { name, type, nullable }
}

function valuesOf(line: string, columns: readonly PgColumn[]): (string | null)[] {
  const values = new Map<string, unknown>(Object.entries(Object(JSON.parse(line))))
  const exact = new Map<string, unknown>(Object.entries(Object(JSON.parse(line, withDigits))))
  return columns.map(({ name }) => {
    const value = values.get(name)
    return showJson(typeof value === 'number' ? exact.get(name) : value)
  })
}

/** A number as it stands in the text: not all of its digits fit a number of JavaScript. */
function withDigits(_: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' ? context?.source : value
}

function showJson(value: unknown): string | null {
  if (value === null || value === undefined) return null
  return typeof value === 'string' ? value : JSON.stringify(value)
}
