import { createReadStream } from 'node:fs'
import { appendFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import type { CopyPlan, CopySpec } from '../../../lib/protocol/copy-plan.ts'
import {
  copySpec,
  nextEpoch,
  prepare,
  publish,
  runCopy,
  runPart,
  type TestContext,
} from '../../testing/copy-harness.ts'
import { blobLake, databaseAndFolder } from '../../testing/file-copies.ts'
import { blobStoreRef, fileContext, filesSink, filesSource } from '../../testing/file-ends.ts'
import { tableSink, tableSource } from '../../testing/table-ends.ts'
import { FilesPartEngine } from './file-parts.ts'

const ends = databaseAndFolder()
const lake = blobLake()

/** Large enough for three parts. Every value has line ends, quotes and commas inside. */
const rowCount = 45_000
const parts = 3
const formats = ['csv', 'jsonl'] as const
type Format = (typeof formats)[number]

let ctx: TestContext

beforeAll(async () => {
  ctx = fileContext([ends.folder])
  await ends.database.client.query(
    `CREATE TABLE many AS SELECT i::text AS id, i % 13 AS size, CASE WHEN i % 11 > 0 THEN
       '"' || i || E'"\\n, line,\\r\\n"" \\\\. ' || repeat('é🛩️', i % 97) || E'\\n' || repeat('x', 900) END AS text
     FROM generate_series(1, ${rowCount}) AS i`,
  )
  for (const format of formats) {
    const sink = filesSink({ store: ends.folder.store, fileName: 'many' }, { format, compression: 'none' })
    const options = { verification: 'stream', parallelCopies: 1 } as const
    await runCopy(copySpec({ source: tableSource(ends.database, 'many'), sink }, { options }), ctx)
    const path = join(ends.folder.path, `many.${format}`)
    const { size } = await stat(path)
    await lake.container.getBlockBlobClient(`many.${format}`).uploadStream(createReadStream(path))
    expect(size).toBeGreaterThan(40 << 20)
  }
})

type Load = { format: Format; to: string; store?: string } & Partial<CopySpec['options']>

function spec({ format, to, store = 'folder', ...rest }: Load): CopySpec {
  const end =
    store === 'folder'
      ? { store: ends.folder.store }
      : { store: blobStoreRef(lake.emulator.address), container: 'lake' }
  const source = { ...filesSource(end, format), fileName: `many.${format}` }
  const options = { verification: 'stream', parallelCopies: parts, ...rest } as const
  return copySpec({ source, sink: tableSink(ends.database, to, { createTable: false }) }, { options })
}

/** An empty table of the same shape. */
async function emptyTable(name: string): Promise<string> {
  await ends.database.client.query(`CREATE TABLE ${name} (LIKE many)`)
  return name
}

async function sumOf(table: string): Promise<unknown> {
  const { rows } = await ends.database.client.query(
    `SELECT count(*)::int AS rows, sum(hashtextextended(each::text, 0)) AS sum FROM ${table} AS each`,
  )
  return rows[0]
}

const cases = formats.flatMap((format) =>
  (['folder', 'blob'] as const).flatMap((store) =>
    (['stream', 'content'] as const).map((verification) => ({ format, store, verification })),
  ),
)

test.each(cases)(
  'one large $format file in a $store is read in parallel parts, at level $verification',
  async ({ format, store, verification }) => {
    const to = await emptyTable(`${format}_${store}_${verification}`)
    const { plan, receipt } = await runCopy(spec({ format, to, verification, store }), ctx)
    expect(plan.parts).toHaveLength(parts)
    expect(receipt).toMatchObject({ rowsRead: String(rowCount), rowsWritten: String(rowCount) })
    expect(await sumOf(to)).toEqual(await sumOf('many'))
  },
  60_000,
)

test('the parts of a file share it without a gap', async () => {
  const plan = await prepare(spec({ format: 'csv', to: await emptyTable('shares') }), ctx)
  const ranges = plan.parts.map(({ engine }) => FilesPartEngine.parse(engine).files[0])
  const { size } = await stat(join(ends.folder.path, 'many.csv'))
  expect(ranges.map((range) => range?.start)).toEqual([0, ...ranges.slice(0, -1).map((range) => range?.end)])
  expect(ranges.at(-1)?.end).toBe(size)
  expect(plan.parts[0]?.label).toMatch(/^many\.csv, 0–\d+ MB$/)
  for (const range of ranges)
    expect((range?.end ?? 0) - (range?.start ?? 0)).toBeGreaterThan(size / parts / 2)
})

test('where the pipeline wants one part there is one', async () => {
  const plan = await prepare(spec({ format: 'csv', to: await emptyTable('single'), parallelCopies: 1 }), ctx)
  expect(plan.parts).toHaveLength(1)
})

test.each(formats)('a part in the middle of a %s file goes on behind its last commit', async (format) => {
  const to = await emptyTable(`resumed_${format}`)
  const copy = spec({ format, to })
  const plan = inSmallSteps(await prepare(copy, ctx))
  const stopped = runPart({ copy, plan, index: 1 }, stoppingAt(2))
  await expect(stopped).rejects.toMatchObject({ code: expect.stringMatching(/cancelled|fenced/) })
  const results = []
  for (const index of [0, 1, 2]) {
    const epoch = nextEpoch()
    results.push({ index, epoch, result: await runPart({ copy, plan, index, epoch }, ctx) })
  }
  expect(Number(results[1]?.result.rowsResumed)).toBeGreaterThan(0)
  await publish({ copy, plan, results }, ctx)
  expect(await sumOf(to)).toEqual(await sumOf('many'))
})

test('a value that looks like rows where a part would begin is noticed, with the remedy', async () => {
  await ends.database.client.query(
    `CREATE TABLE trap AS SELECT i AS id, repeat('x', 900) AS text FROM generate_series(1, 20000) AS i`,
  )
  const fileName = 'trap.csv'
  const sink = filesSink({ store: ends.folder.store, fileName }, { format: 'csv', compression: 'none' })
  const one = { verification: 'stream', parallelCopies: 1 } as const
  await runCopy(copySpec({ source: tableSource(ends.database, 'trap'), sink }, { options: one }), ctx)
  const path = join(ends.folder.path, fileName)
  // A value larger than the rest, of what looks like rows of the same file.
  const inner = '7,seven\n'.repeat((await stat(path)).size / 5)
  await appendFile(path, `20001,"${inner}"\n`)
  await ends.database.client.query('CREATE TABLE trapped (id int, text text)')
  const trapped = (options: CopySpec['options']) =>
    copySpec(
      {
        source: { ...filesSource({ store: ends.folder.store }, 'csv'), fileName },
        sink: tableSink(ends.database, 'trapped', { createTable: false }),
      },
      { options },
    )
  const copy = trapped({ ...one, parallelCopies: 2 })
  const plan = await prepare(copy, ctx)
  expect(plan.parts).toHaveLength(2)
  await expect(runPart({ copy, plan, index: 0 }, ctx)).rejects.toMatchObject({
    code: 'invalid_data',
    retryable: false,
    message: expect.stringMatching(/“trap.csv” cannot be read in parallel.*Set “Parts at once” to 1/),
  })
  const { receipt } = await runCopy(trapped(one), ctx)
  expect(receipt.rowsWritten).toBe('20001')
})

/** Steps of a megabyte, so that a part has many of them. */
function inSmallSteps(plan: CopyPlan): CopyPlan {
  return {
    ...plan,
    parts: plan.parts.map((part) => ({ ...part, engine: { ...part.engine, chunkBytes: 1 << 20 } })),
  }
}

/** Stops as the part comes to its commit of this number. */
function stoppingAt(commits: number): TestContext {
  const stop = new AbortController()
  let asked = 0
  const canCommit = () => {
    asked += 1
    if (asked > commits) stop.abort()
    return !stop.signal.aborted
  }
  return { ...ctx, canCommit, signal: stop.signal }
}
