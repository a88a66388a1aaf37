import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import { zstdDecompressSync } from 'node:zlib'
import { asyncBufferFromFile, parquetMetadataAsync, parquetRead } from 'hyparquet'
import { Client } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'

/** 3,000,000 flights within the United States, as the npm package `vega-datasets` ships them. */
export const flightCount = 3_000_000
const columnNames = ['date', 'delay', 'distance', 'origin', 'destination'] as const

/** Fills `public.flights` of the private store, once; a second call finds it full and returns at once. */
export async function loadFlights(url: string, onProgress: (rows: number) => void): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    if (await isLoaded(client)) return onProgress(flightCount)
    await client.query('begin')
    await client.query('drop table if exists public.flights')
    await client.query(
      `create table public.flights (
        date timestamp not null, delay integer not null, distance integer not null,
        origin char(3) not null, destination char(3) not null)`,
    )
    await pipeline(
      Readable.from(copyLines(onProgress)),
      client.query(copyFrom('copy public.flights from stdin')),
    )
    await client.query(`comment on table public.flights is 'complete'`)
    await client.query('commit')
    await client.query('vacuum analyze public.flights')
  } finally {
    await client.end()
  }
}

async function isLoaded(client: Client): Promise<boolean> {
  const { rows } = await client.query(
    `select obj_description(to_regclass('public.flights')) = 'complete' as complete`,
  )
  return rows[0]?.complete === true
}

/** COPY text, one buffer a row group: the file's rows never stand in memory together. */
async function* copyLines(onProgress: (rows: number) => void): AsyncGenerator<Buffer> {
  // The package exports its code only; the data lies beside it.
  const path = join(
    dirname(createRequire(import.meta.url).resolve('vega-datasets')),
    '../data/flights-3m.parquet',
  )
  const file = await asyncBufferFromFile(path)
  const metadata = await parquetMetadataAsync(file)
  let rowStart = 0
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows)
    const columns = new Map<string, ArrayLike<unknown>>()
    await parquetRead({
      file,
      metadata,
      rowStart,
      rowEnd,
      compressors: {
        ZSTD: (input, length) => new Uint8Array(zstdDecompressSync(input, { maxOutputLength: length })),
      },
      onChunk: ({ columnName, columnData }) => columns.set(columnName, columnData),
    })
    yield toCopyText(columnNames.map((name) => columns.get(name) ?? []))
    rowStart = rowEnd
    onProgress(rowStart)
  }
}

function toCopyText(columns: ArrayLike<unknown>[]): Buffer {
  const lines: string[] = []
  const [dates = [], ...others] = columns
  for (let row = 0; row < dates.length; row += 1) {
    const date = dates[row]
    const text = date instanceof Date ? date.toISOString().slice(0, 19) : String(date)
    lines.push(`${text}\t${others.map((column) => String(column[row])).join('\t')}\n`)
  }
  return Buffer.from(lines.join(''))
}
