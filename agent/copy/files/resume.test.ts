import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { DuckDBConnection } from '@duckdb/node-api'
import { beforeAll, describe, expect, test } from 'vitest'
import type { CopyPlan, CopySpec } from '../../../lib/protocol/copy-plan.ts'
import {
  copySpec,
  nextEpoch,
  prepare,
  publish,
  runPart,
  type TestContext,
} from '../../testing/copy-harness.ts'
import { blobLake, databaseAndFolder } from '../../testing/file-copies.ts'
import {
  blobStoreRef,
  duckRows,
  fileContext,
  filesSink,
  filesSource,
  openDuckDb,
} from '../../testing/file-ends.ts'
import { tableSink } from '../../testing/table-ends.ts'

const ends = databaseAndFolder()
const lake = blobLake()

let duck: DuckDBConnection

type Row = { id: string; text: string | null; size: number | null }
/** Every record begins with a mark that a reader may take for the start of a file, and has line ends, quotes and commas inside. */
const rows: Row[] = Array.from({ length: 12_000 }, (_, index) => ({
  id: `\uFEFF${index}`,
  text:
    index % 11 === 0 ? null : `"${index}"\n, line,\r\n"" \\. ${'é🛩️'.repeat(index % 97)}\n${'x'.repeat(700)}`,
  size: index % 13 === 0 ? null : index,
}))

beforeAll(async () => {
  duck = await openDuckDb()
  await mkdir(join(ends.folder.path, 'in'))
  await ends.database.client.query('CREATE TABLE many (id text, text text, size int)')
  await ends.database.client.query(
    'INSERT INTO many SELECT * FROM json_to_recordset($1) AS r(id text, text text, size int)',
    [JSON.stringify(rows)],
  )
  await ends.database.client.query('VACUUM ANALYZE many')
})

const csvText = (value: string | number | null) =>
  value === null ? '' : typeof value === 'number' ? String(value) : `"${value.replaceAll('"', '""')}"`
const writers = {
  // Without quotes round the first field, a record of the file begins with the mark itself.
  csv: ({ id, text, size }: Row) => `${id},${csvText(text)},${csvText(size)}\n`,
  jsonl: (row: Row) => `${JSON.stringify(row)}\n`,
}
const heads = { csv: 'id,text,size\n', jsonl: '' }

/** Counts and digests rows without the product: SHA-256 over their sorted JSON. */
function census(found: readonly Row[]): { count: number; digest: string } {
  const lines = found.map(({ id, text, size }) => JSON.stringify([id, text, size])).toSorted()
  return { count: found.length, digest: createHash('sha256').update(lines.join('\n')).digest('hex') }
}

async function fileOf(format: 'csv' | 'jsonl' | 'parquet', part: readonly Row[]): Promise<Buffer> {
  if (format !== 'parquet') return Buffer.from(`${heads[format]}${part.map(writers[format]).join('')}`)
  const [from, to] = [join(ends.folder.path, 'rows.jsonl'), join(ends.folder.path, 'rows.parquet')]
  await writeFile(from, part.map(writers.jsonl).join(''))
  const types = "{id: 'VARCHAR', text: 'VARCHAR', size: 'INTEGER'}"
  await duck.run(
    `COPY (FROM read_json('${from}', columns = ${types})) TO '${to}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`,
  )
  return readFile(to)
}

async function put(store: 'folder' | 'blob', name: string, bytes: Buffer): Promise<void> {
  if (store === 'blob') await lake.container.getBlockBlobClient(`in/${name}`).uploadData(bytes)
  else await writeFile(join(ends.folder.path, 'in', name), bytes)
}

const endOf = (store: 'folder' | 'blob', place: string) =>
  store === 'blob'
    ? { store: blobStoreRef(lake.emulator.address), container: 'lake', folder: place }
    : { store: ends.folder.store, folder: place }

/** The plan with steps much smaller than its files, so that each has many of them. */
function inSmallSteps(plan: CopyPlan): CopyPlan {
  const parts = plan.parts.map((part) => ({ ...part, engine: { ...part.engine, chunkBytes: 100_000 } }))
  return { ...plan, parts }
}

/** Stops when so many commits were asked for: the last of them is not made. */
function stoppingAt(ctx: TestContext, commits: number): TestContext {
  const stop = new AbortController()
  let asked = 0
  const canCommit = () => {
    asked += 1
    if (asked === commits) stop.abort()
    return asked < commits
  }
  return { ...ctx, signal: stop.signal, canCommit }
}

const loads = [
  { format: 'csv', store: 'folder', verification: 'stream', isPacked: false },
  { format: 'csv', store: 'folder', verification: 'content', isPacked: false },
  { format: 'csv', store: 'blob', verification: 'stream', isPacked: false },
  { format: 'csv', store: 'folder', verification: 'stream', isPacked: true },
  { format: 'parquet', store: 'folder', verification: 'stream', isPacked: false },
  { format: 'jsonl', store: 'folder', verification: 'content', isPacked: false },
  { format: 'jsonl', store: 'blob', verification: 'stream', isPacked: false },
  { format: 'jsonl', store: 'blob', verification: 'content', isPacked: true },
] as const

describe('file to table', () => {
  test.each(loads)(
    '$format from a $store at level $verification (packed: $isPacked): stopped again and again, it goes on behind its last commit',
    async ({ format, store, verification, isPacked }) => {
      const name = `${format}-${store}-${verification}-${isPacked}`
      const to = name.replaceAll('-', '_')
      // Two files: the part's positions count through both.
      for (const half of [0, 1]) {
        const bytes = await fileOf(
          format,
          rows.filter((_, index) => index % 2 === half),
        )
        await put(store, `${name}-${half}`, isPacked ? gzipSync(bytes) : bytes)
      }
      await ends.database.client.query(`CREATE TABLE ${to} (LIKE many)`)
      const copy = copySpec(
        {
          source: { ...filesSource(endOf(store, 'in'), format), fileName: `${name}-*` },
          sink: tableSink(ends.database, to, { createTable: false }),
        },
        { options: { verification, parallelCopies: 1 } },
      )
      const ctx = fileContext([ends.folder])
      const plan = inSmallSteps(await prepare(copy, ctx))
      let committed = 0
      for (let stops = 0; stops < 2; stops += 1) {
        const attempt = runPart({ copy, plan, index: 0 }, stoppingAt(ctx, 2))
        await expect(attempt).rejects.toMatchObject({ code: expect.stringMatching(/cancelled|fenced/) })
        const now = await ledgerRows(copy)
        expect(now).toBeGreaterThan(committed)
        expect(now).toBeLessThan(rows.length)
        committed = now
      }
      const epoch = nextEpoch()
      const result = await runPart({ copy, plan, index: 0, epoch }, ctx)
      expect(result).toMatchObject({ rowsResumed: String(committed), rowsRead: String(rows.length) })
      const { rowsWritten } = await publish({ copy, plan, results: [{ index: 0, epoch, result }] }, ctx)
      expect(rowsWritten).toBe(String(rows.length))
      const found = await ends.database.client.query<Row>(`SELECT id, text, size FROM ${to}`)
      expect(census(found.rows)).toEqual(census(rows))
    },
    60_000,
  )
})

/** What the sink's ledger says of the part. */
async function ledgerRows({ activityRunId }: CopySpec): Promise<number> {
  const { rows: found } = await ends.database.client.query(
    'SELECT rows::int FROM _sallyport_ledger WHERE run_id = $1 AND part = 0',
    [activityRunId],
  )
  return Number(found[0]?.['rows'])
}

const stores = ['folder', 'blob'] as const

describe('table to file', () => {
  test.each(stores.flatMap((store) => (['csv', 'jsonl'] as const).map((format) => [format, store] as const)))(
    '%s in a %s: an attempt that was stopped in the middle leaves nothing in what its successor publishes',
    async (format, store) => {
      const fileName = `${format}-${store}`
      // The source waits at its 9,000th row until the test has seen what is staged by then.
      const lock = format.length * 2 + store.length
      const waits = `CASE WHEN size = 9000 THEN pg_advisory_xact_lock_shared(${lock}) END IS NULL`
      const query = `SELECT id, text, size FROM many WHERE ${waits} OR size = 9000`
      const sink = filesSink({ ...endOf(store, 'out'), fileName }, { format, compression: 'none' })
      const copy = copySpec({ source: { kind: 'query', store: ends.database.store, query }, sink })
      const ctx = fileContext([ends.folder])
      const plan = await prepare(copy, ctx)
      await ends.database.client.query('SELECT pg_advisory_lock($1)', [lock])
      const stop = new AbortController()
      const killed = nextEpoch()
      const attempt = runPart({ copy, plan, index: 0, epoch: killed }, { ...ctx, signal: stop.signal })
      const half = await stagedHalf(store, { copy, epoch: killed, fileName: `${fileName}.${format}` })
      stop.abort()
      await expect(attempt).rejects.toMatchObject({ code: 'cancelled' })
      // A killed process would have left its half behind.
      if (store === 'folder') await writeFile(join(ends.folder.path, 'out', half.name), half.bytes)
      await ends.database.client.query('SELECT pg_advisory_unlock($1)', [lock])
      const epoch = nextEpoch()
      const result = await runPart({ copy, plan, index: 0, epoch }, ctx)
      expect(result).toMatchObject({ rowsRead: String(rows.length), rowsResumed: '0' })
      await publish({ copy, plan, results: [{ index: 0, epoch, result }] }, ctx)
      expect(await namesOf(store)).toEqual([`${fileName}.${format}`])
      expect(census(await readBack(store, `${fileName}.${format}`))).toEqual(census(rows))
      await ctx.holder.releaseAll()
    },
    60_000,
  )
})

type Half = { name: string; bytes: Buffer }

/** Waits until several blocks or megabytes of the attempt are in the store. */
async function stagedHalf(
  store: 'folder' | 'blob',
  { copy, epoch, fileName }: { copy: CopySpec; epoch: number; fileName: string },
): Promise<Half> {
  const run = copy.activityRunId
  if (store === 'blob') {
    const name = `out/_sallyport/${run}/0.0.${epoch}.${fileName}`
    const blocks = () =>
      lake.container
        .getBlockBlobClient(name)
        .getBlockList('uncommitted')
        .then((list) => list.uncommittedBlocks?.length ?? 0)
        .catch(() => 0)
    await expect.poll(blocks, { timeout: 30_000 }).toBeGreaterThan(0)
    return { name, bytes: Buffer.alloc(0) }
  }
  const name = `.${fileName}.${run}.0.0.${epoch}.partial`
  const read = () => readFile(join(ends.folder.path, 'out', name)).catch(() => Buffer.alloc(0))
  await expect.poll(async () => (await read()).length, { timeout: 30_000 }).toBeGreaterThan(1 << 20)
  return { name, bytes: await read() }
}

async function namesOf(store: 'folder' | 'blob'): Promise<string[]> {
  const inFolder = store === 'folder' ? await readdir(join(ends.folder.path, 'out')) : []
  const names = inFolder.filter((name) => !name.startsWith('.sallyport-'))
  if (store === 'blob')
    for await (const { name } of lake.container.listBlobsFlat({ prefix: 'out/' })) names.push(name)
  return names
    .map((name) => name.replace('out/', ''))
    .filter((name) => published.every((old) => old !== name))
}

/** Files that tests before this one published, which are none of its business. */
const published: string[] = []

async function readBack(store: 'folder' | 'blob', name: string): Promise<Row[]> {
  published.push(name)
  const local = join(ends.folder.path, `read-${store}-${name}`)
  const bytes =
    store === 'folder'
      ? await readFile(join(ends.folder.path, 'out', name))
      : await lake.container.getBlobClient(`out/${name}`).downloadToBuffer()
  await writeFile(local, bytes)
  const types = "columns = {id: 'VARCHAR', text: 'VARCHAR', size: 'INTEGER'}"
  const reader = name.endsWith('csv')
    ? `read_csv('${local}', ${types}, header = true, quote = '"', escape = '"', new_line = '\\n', parallel = false)`
    : `read_json('${local}', ${types}, format = 'newline_delimited')`
  // DuckDB's binding takes a byte order mark off every text, so the mark travels as another sign.
  const found = await duckRows(duck, `SELECT replace(id, chr(65279), '^') AS id, text, size FROM ${reader}`)
  return found.map((row) => ({ ...(row as Row), id: String(row['id']).replace('^', '\uFEFF') }))
}
