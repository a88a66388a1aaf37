import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { withClient } from '../lineitem'

/** What stands in a table or folder, counted without the product: rows, and an order-free sum of row hashes. */
export type Census = { rows: number; digest: string }

/** PostgreSQL's own hash of each row's text, summed: a lost, doubled or changed row shows. */
export async function countTable(url: string, table: string): Promise<Census> {
  return withClient(url, async (client) => {
    const exists = await client.query('select to_regclass($1) is not null as found', [table])
    if (exists.rows[0]?.found !== true) return { rows: 0, digest: '0' }
    const { rows } = await client.query(
      `select count(*)::integer as rows, coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text as digest from ${table} t`,
    )
    return { rows: Number(rows[0]?.rows), digest: String(rows[0]?.digest) }
  })
}

/** The rows that a sink must hold in the end: `rounds` times the source. */
export async function expectTable(url: string, table: string, rounds: number): Promise<Census> {
  const once = await countTable(url, table)
  return { rows: once.rows * rounds, digest: String(BigInt(once.digest) * BigInt(rounds)) }
}

/** All lines of a folder's CSV files without their headers, as a sorted hash. Only for rows without line breaks. */
export async function countCsvFolder(folder: string): Promise<Census> {
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  const lines: string[] = []
  for (const name of names.filter(
    (entry) => entry.endsWith('.csv') && !entry.split('/').pop()?.startsWith('.'),
  )) {
    const text = await readFile(join(folder, name), 'utf8')
    for (const line of text.split('\n').slice(1)) if (line !== '') lines.push(line)
  }
  return digestLines(lines)
}

export async function expectCsv(url: string, table: string): Promise<Census> {
  return withClient(url, async (client) => {
    const { rows } = await client.query(
      `select row_to_csv from (select ${csvLine()} as row_to_csv from ${table}) lines`,
    )
    return digestLines(rows.map((row: { row_to_csv: string }) => row.row_to_csv))
  })
}

function csvLine(): string {
  return `id || ',' || payload || ',' || amount`
}

function digestLines(lines: string[]): Census {
  const hash = createHash('sha256')
  for (const line of lines.toSorted()) hash.update(`${line}\n`)
  return { rows: lines.length, digest: hash.digest('hex') }
}
