import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { prepare, runPart, runParts, testContext } from '../../../testing/copy-harness.ts'
import { createDatabases, type Databases, rowsOf, tableCopy } from '../../../testing/table-copies.ts'

let databases: Databases & AsyncDisposable

beforeAll(async () => {
  databases = await createDatabases(inject('postgresUrl'))
})
afterAll(() => databases[Symbol.asyncDispose]())

test('a view of other types than planned is not read: its bytes would mean something else', async () => {
  const { source, sink } = databases
  await source.client.query('CREATE VIEW drifting AS SELECT 1 AS id, 7 AS v')
  const ctx = testContext()
  const copy = tableCopy(databases, 'drifting')
  const plan = await prepare(copy, ctx)
  await source.client.query('DROP VIEW drifting; CREATE VIEW drifting AS SELECT 1 AS id, 1.5::real AS v')
  await expect(runPart({ copy, plan, index: 0 }, ctx)).rejects.toMatchObject({ code: 'source_changed' })
  expect((await sink.client.query("SELECT to_regclass('drifting') AS found")).rows).toEqual([{ found: null }])
})

test('a column that was dropped and added again in another type is not read', async () => {
  const { source } = databases
  await source.client.query('CREATE TABLE remade AS SELECT 1 AS id, 7 AS v')
  const ctx = testContext()
  const copy = tableCopy(databases, 'remade', { options: { verification: 'stream' } })
  const plan = await prepare(copy, ctx)
  await ctx.holder.releaseAll()
  await source.client.query('ALTER TABLE remade DROP v; ALTER TABLE remade ADD v real')
  await expect(runPart({ copy, plan, index: 0 }, ctx)).rejects.toMatchObject({ code: 'source_changed' })
})

test.each(['stream', 'content'] as const)(
  'a target whose columns were changed meanwhile takes no rows at level %s',
  async (verification) => {
    const { source, sink } = databases
    const table = `turned_${verification}`
    await source.client.query(`CREATE TABLE ${table} AS SELECT 1065353216 AS v`)
    await sink.client.query(`CREATE TABLE ${table} (v int)`)
    const ctx = testContext()
    const copy = tableCopy(databases, table, { options: { verification } })
    const plan = await prepare(copy, ctx)
    await sink.client.query(`ALTER TABLE ${table} ALTER v TYPE real`)
    await expect(runParts(copy, plan, ctx)).rejects.toMatchObject({ code: 'schema_mismatch', side: 'sink' })
    expect(await rowsOf(sink, table)).toEqual([])
    await sink.client.query(`ALTER TABLE ${table} ALTER v TYPE int`)
    await runParts(copy, plan, ctx)
    expect(await rowsOf(sink, table)).toEqual(['(1065353216)'])
  },
)

test('a statement that waits or computes ends at the server soon after its task was stopped', async () => {
  const { source, sink } = databases
  await source.client.query('CREATE TABLE held AS SELECT 1 AS id')
  await source.client.query('BEGIN; LOCK TABLE held IN ACCESS EXCLUSIVE MODE')
  try {
    const stop = new AbortController()
    const ctx = testContext({ signal: stop.signal })
    const copy = tableCopy(databases, 'held')
    const preparing = prepare(copy, ctx)
    const waiting = async () => {
      // By a session of its own: within a transaction this view does not change.
      const { rows } = await sink.client.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = $1
         AND application_name LIKE 'sallyport %' AND wait_event_type = 'Lock'`,
        [new URL(source.url).pathname.slice(1)],
      )
      return rows[0]?.count
    }
    await expect.poll(waiting).toBe(1)
    stop.abort()
    await expect(preparing).rejects.toMatchObject({ code: 'cancelled' })
    await expect.poll(waiting).toBe(0)
  } finally {
    await source.client.query('ROLLBACK')
  }
})
