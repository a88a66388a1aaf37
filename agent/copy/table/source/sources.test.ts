import { Client } from 'pg'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import {
  nextEpoch,
  prepare,
  publish,
  runCopy,
  runPart,
  runParts,
  testContext,
} from '../../../testing/copy-harness.ts'
import { createDatabases, rowsOf, tableCopy } from '../../../testing/table-copies.ts'

let databases: Awaited<ReturnType<typeof createDatabases>>

beforeAll(async () => {
  databases = await createDatabases(inject('postgresUrl'))
})
afterAll(() => databases[Symbol.asyncDispose]())

/** About 40 MB in 5,000 blocks: enough for three parts. */
const large = `CREATE TABLE large AS SELECT i AS id, repeat(md5(i::text), 12) AS filler FROM generate_series(1, 80000) AS i`

test('a large table is copied in parts under one snapshot, whatever is written to it meanwhile', async () => {
  const { source, sink } = databases
  await source.client.query(`DROP TABLE IF EXISTS large; ${large}`)
  const before = await source.client.query('SELECT count(*), sum(id) FROM large')
  const copy = tableCopy(databases, 'large', { options: { verification: 'content', parallelCopies: 3 } })
  const ctx = testContext()
  const plan = await prepare(copy, ctx)
  expect(plan.parts.length).toBe(3)
  expect(plan.maxParallelParts).toBe(3)
  expect(plan.parts.map(({ label }) => label)[0]).toMatch(/^public\.large, blocks 0–\d+$/)
  const first = { index: 0, epoch: nextEpoch() }
  const results = [{ ...first, result: await runPart({ copy, plan, ...first }, ctx) }]
  await source.client.query(
    'UPDATE large SET filler = filler WHERE id % 2 = 0; DELETE FROM large WHERE id % 5 = 1',
  )
  const rest = await runParts(copy, { ...plan, parts: plan.parts }, ctx)
  results.push(...rest.filter(({ index }) => index > 0))
  const receipt = await publish({ copy, plan, results }, ctx)
  expect(receipt).toMatchObject({ rowsWritten: '80000', snapshot: 'single' })
  expect((await sink.client.query('SELECT count(*), sum(id) FROM large')).rows).toEqual(before.rows)
  await ctx.holder.releaseAll()
})

test('when the snapshot is gone a part reads for itself, and the receipt says so', async () => {
  await databases.source.client.query('CREATE TABLE alone AS SELECT * FROM generate_series(1, 10) AS id')
  const copy = tableCopy(databases, 'alone')
  const ctx = testContext()
  const plan = await prepare(copy, ctx)
  await ctx.holder.releaseAll()
  const results = await runParts(copy, plan, ctx)
  expect(results[0]?.result.snapshot).toBe('own')
  expect(ctx.lines.join()).toContain('The snapshot that the parts shared is gone')
  expect((await publish({ copy, plan, results }, ctx)).snapshot).toBe('single')
})

test.each([
  'TRUNCATE large',
  'VACUUM FULL large',
  'DROP TABLE large',
  'ALTER TABLE large ALTER id TYPE bigint',
])('%s waits until the copy has read the table', async (statement) => {
  const { source } = databases
  await source.client.query(`DROP TABLE IF EXISTS large; ${large}`)
  const copy = tableCopy(databases, 'large', { options: { verification: 'stream', parallelCopies: 3 } })
  const ctx = testContext()
  await prepare(copy, ctx)
  await source.client.query("SET lock_timeout = '100ms'")
  await expect(source.client.query(statement)).rejects.toThrow('lock timeout')
  await ctx.holder.releaseAll()
  await source.client.query("SET lock_timeout = '15s'")
  await source.client.query(statement)
})

test.each([
  ['was rewritten', ['VACUUM FULL large']],
  ['was emptied', ['TRUNCATE large']],
  ['was replaced', ['DROP TABLE large', large]],
])(
  'when the table %s after the snapshot was lost, the next part is not read, and the run says why',
  async (_, statements) => {
    const { source } = databases
    await source.client.query(`DROP TABLE IF EXISTS large; ${large}; DELETE FROM large WHERE id < 70000`)
    const copy = tableCopy(databases, 'large', { options: { verification: 'stream', parallelCopies: 3 } })
    const ctx = testContext()
    const plan = await prepare(copy, ctx)
    await runPart({ copy, plan, index: 0 }, ctx)
    // The node that kept the snapshot was stopped.
    await ctx.holder.releaseAll()
    for (const statement of statements) await source.client.query(statement)
    await expect(runPart({ copy, plan, index: 1 }, ctx)).rejects.toMatchObject({
      code: 'source_changed',
      message: expect.stringContaining('Table public.large was emptied, rewritten or replaced'),
      retryable: false,
    })
  },
)

test('a part does not wait for ever behind somebody who waits for the table', async () => {
  const { source } = databases
  await source.client.query(`DROP TABLE IF EXISTS large; ${large}`)
  const copy = tableCopy(databases, 'large', { options: { verification: 'stream', parallelCopies: 3 } })
  const ctx = testContext()
  const plan = await prepare(copy, ctx)
  const other = new Client(source.url)
  await other.connect()
  const emptied = other.query('TRUNCATE large')
  const waiting = `SELECT FROM pg_locks WHERE relation = 'large'::regclass AND NOT granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
  await expect.poll(async () => (await source.client.query(waiting)).rowCount).toBe(1)
  await expect(runPart({ copy, plan, index: 0 }, ctx)).rejects.toMatchObject({
    code: 'store_conflict',
    message: expect.stringContaining('public.large, or waits to do so'),
    retryable: true,
  })
  await ctx.holder.releaseAll()
  await emptied
  await other.end()
})

test('a materialised view is kept still as well', async () => {
  const { source } = databases
  await source.client.query('CREATE MATERIALIZED VIEW still AS SELECT 1 AS id')
  const ctx = testContext()
  await prepare(tableCopy(databases, 'still'), ctx)
  await source.client.query("SET lock_timeout = '100ms'")
  await expect(source.client.query('REFRESH MATERIALIZED VIEW still')).rejects.toThrow('lock timeout')
  await source.client.query("SET lock_timeout = '15s'")
  await ctx.holder.releaseAll()
  await source.client.query('REFRESH MATERIALIZED VIEW still')
})

test('the holder names its holds and gives them back', async () => {
  await databases.source.client.query('CREATE TABLE held AS SELECT 1 AS id')
  const ctx = testContext()
  const plan = await prepare(tableCopy(databases, 'held'), ctx)
  expect(ctx.holder.holdIds).toEqual([plan.snapshot?.holdId])
  await ctx.holder.release(plan.snapshot?.holdId ?? '')
  expect(ctx.holder.holdIds).toEqual([])
})

test('partitions are parts of their own, or share one when they are small', async () => {
  const { source, sink } = databases
  await source.client.query(
    `CREATE TABLE parted (id int, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
     CREATE TABLE parted_1 (at date NOT NULL, id int NOT NULL); ALTER TABLE parted ATTACH PARTITION parted_1 FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
     CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
     INSERT INTO parted SELECT i, '2020-06-01'::date + i FROM generate_series(1, 500) AS i`,
  )
  const { plan, receipt } = await runCopy(tableCopy(databases, 'parted'))
  expect(plan.parts.map(({ label }) => label)).toEqual(['2 partitions from public.parted_1'])
  expect(receipt.rowsWritten).toBe('500')
  expect(await rowsOf(sink, 'parted')).toEqual(await rowsOf(source, 'parted'))
})

test('a partitioned table can be the sink', async () => {
  const { source, sink } = databases
  await source.client.query('CREATE TABLE routed AS SELECT i AS id FROM generate_series(1, 10) AS i')
  await sink.client.query(
    `CREATE TABLE routed (id int) PARTITION BY RANGE (id); CREATE TABLE routed_low PARTITION OF routed FOR VALUES FROM (0) TO (6);
     CREATE TABLE routed_high PARTITION OF routed FOR VALUES FROM (6) TO (100)`,
  )
  for (const verification of ['stream', 'content'] as const)
    await runCopy(tableCopy(databases, 'routed', { writeBehavior: 'overwrite', options: { verification } }))
  await runCopy(tableCopy(databases, 'routed', { options: { verification: 'stream' } }))
  expect((await sink.client.query('SELECT FROM routed_low')).rowCount).toBe(10)
})

test('inherited tables, views, materialised views and queries are read once and whole', async () => {
  const { source, sink } = databases
  await source.client.query(
    `CREATE TABLE base (id int); CREATE TABLE derived (extra text) INHERITS (base); INSERT INTO base VALUES (1); INSERT INTO derived VALUES (2, 'x');
     CREATE VIEW seen AS SELECT id, id * 2 AS twice FROM base; CREATE MATERIALIZED VIEW stored AS SELECT * FROM seen`,
  )
  for (const table of ['base', 'seen', 'stored']) {
    const { receipt } = await runCopy(tableCopy(databases, table))
    expect(receipt).toMatchObject({ rowsWritten: '2', snapshot: 'single' })
    expect(await rowsOf(sink, table)).toEqual(await rowsOf(source, table))
  }
  const query = 'SELECT id, count(*) AS n FROM base GROUP BY id ORDER BY id; -- newest last'
  const { plan } = await runCopy(tableCopy(databases, 'counted', { query }))
  expect(plan.parts.map(({ label }) => label)).toEqual(['query'])
  expect(await rowsOf(sink, 'counted')).toEqual(['(1,1)', '(2,1)'])
})

test('a query that names a column twice is refused, and one that writes cannot', async () => {
  await expect(
    runCopy(tableCopy(databases, 'twice', { query: 'SELECT 1 AS a, 2 AS a' })),
  ).rejects.toMatchObject({
    code: 'schema_mismatch',
  })
  await databases.source.client.query(
    "CREATE FUNCTION writes() RETURNS int LANGUAGE plpgsql AS 'BEGIN CREATE TABLE sneaky (a int); RETURN 1; END'",
  )
  await expect(runCopy(tableCopy(databases, 'sneaky', { query: 'SELECT writes() AS a' }))).rejects.toThrow(
    'read-only',
  )
})

test('rows that policies hide are not copied, and a part never reads around them', async () => {
  const { source, sink } = databases
  const role = `limited_${process.pid}`
  await source.client.query(
    `CREATE ROLE ${role} LOGIN PASSWORD 'pw'; CREATE TABLE guarded (id int, owner text); INSERT INTO guarded VALUES (1, '${role}'), (2, 'other');
     ALTER TABLE guarded ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON guarded USING (owner = current_user); GRANT SELECT ON guarded TO ${role}`,
  )
  const { postgresStore } = await import('../../../testing/copy-harness.ts')
  const copy = tableCopy(databases, 'guarded')
  const store = postgresStore(new URL(source.url), { username: role, password: 'pw' })
  await runCopy({ ...copy, source: { ...copy.source, store } })
  expect(await rowsOf(sink, 'guarded')).toEqual([`(1,${role})`])
  await source.client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
})
