import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { CopySpec } from '../../../../lib/protocol/copy-plan.ts'
import {
  nextEpoch,
  postgresStore,
  prepare,
  publish,
  runCopy,
  runPart,
  testContext,
} from '../../../testing/copy-harness.ts'
import { createDatabases, rowsOf, type TableCopy, tableCopy } from '../../../testing/table-copies.ts'

const role = `writer_${process.pid}`
let databases: Awaited<ReturnType<typeof createDatabases>>

beforeAll(async () => {
  databases = await createDatabases(inject('postgresUrl'))
  await databases.sink.client.query(`CREATE ROLE ${role} LOGIN PASSWORD 'pw'`)
  await databases.source.client.query(
    "CREATE TABLE items AS SELECT i AS id, 'item ' || i AS name FROM generate_series(1, 3000) AS i",
  )
})
afterAll(async () => {
  await databases.sink.client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
  await databases[Symbol.asyncDispose]()
})

/** The sink's login may write the table, but create nothing. */
async function limitedCopy(to: string, change: TableCopy = {}): Promise<CopySpec> {
  const { sink } = databases
  await sink.client.query(
    `CREATE TABLE ${to} (id int PRIMARY KEY, name text); INSERT INTO ${to} VALUES (-1, 'old'); GRANT ALL ON ${to} TO ${role}`,
  )
  const copy = tableCopy(databases, 'items', { to, ...change })
  const store = postgresStore(new URL(sink.url), { username: role, password: 'pw' })
  return { ...copy, sink: { ...copy.sink, store } }
}

test.each([
  ['append', 3001],
  ['overwrite', 3000],
  ['upsert', 3001],
] as const)(
  '%s without a ledger is one part in one transaction, verified before it commits',
  async (writeBehavior, rows) => {
    const to = `limited_${writeBehavior}`
    const copy = await limitedCopy(to, { writeBehavior })
    const { plan, receipt } = await runCopy(copy)
    expect(plan.parts).toHaveLength(1)
    expect(plan.maxParallelParts).toBe(1)
    expect(receipt).toMatchObject({
      guarantee: 'exactly-once',
      rowsWritten: '3000',
      sinkDigest: receipt.sourceDigest,
    })
    expect(receipt.guaranteeReason).toContain('one transaction')
    expect(receipt.checks.join()).toContain('read again before the commit')
    expect((await databases.sink.client.query(`SELECT FROM ${to}`)).rowCount).toBe(rows)
    const made = await databases.sink.client.query("SELECT FROM pg_class WHERE relname LIKE '\\_sallyport%'")
    expect(made.rowCount).toBe(0)
  },
)

test('an append whose COMMIT was not answered is recognised and not repeated', async () => {
  const copy = await limitedCopy('unanswered')
  const ctx = testContext()
  const plan = await prepare(copy, ctx)
  const first = await runPart({ copy, plan, index: 0 }, ctx)
  const epoch = nextEpoch()
  const again = await runPart({ copy, plan, index: 0, epoch }, ctx)
  expect(again).toMatchObject({ rowsResumed: '3000', readDigest: first.readDigest })
  await publish({ copy, plan, results: [{ index: 0, epoch, result: again }] }, ctx)
  expect((await databases.sink.client.query('SELECT FROM unanswered')).rowCount).toBe(3001)
})

test('of two owners only one can commit', async () => {
  const copy = await limitedCopy('contested')
  const ctx = testContext()
  const plan = await prepare(copy, ctx)
  const [older, newer] = [nextEpoch(), nextEpoch()]
  let successor: ReturnType<typeof runPart> | undefined
  // The older owner asks for leave to commit; while it waits, the newer one takes over and ends its session.
  const paused = testContext({
    committing: async () => {
      successor = runPart({ copy, plan, index: 0, epoch: newer }, ctx)
      await successor
    },
  })
  await expect(runPart({ copy, plan, index: 0, epoch: older }, paused)).rejects.toMatchObject({
    code: 'sink_unreachable',
  })
  expect(await successor).toMatchObject({ rowsResumed: '0' })
  expect((await databases.sink.client.query('SELECT FROM contested')).rowCount).toBe(3001)
})

test('a login that may not even mark its run appends at least once, and the plan says so', async () => {
  const { sink } = databases
  await sink.client.query('REVOKE EXECUTE ON FUNCTION lo_create(oid) FROM PUBLIC')
  expect((await runCopy(await limitedCopy('unmarked'))).receipt.guarantee).toBe('at-least-once')
  const overwrite = await runCopy(await limitedCopy('unmarked_overwrite', { writeBehavior: 'overwrite' }))
  expect(overwrite.receipt.guarantee).toBe('exactly-once')
  await sink.client.query('GRANT EXECUTE ON FUNCTION lo_create(oid) TO PUBLIC')
})

test('a missing right is named before anything is copied', async () => {
  const copy = await limitedCopy('readable')
  await databases.sink.client.query(`REVOKE INSERT ON readable FROM ${role}`)
  await expect(runCopy(copy)).rejects.toThrow('lacks INSERT on public.readable')
  const fresh = { ...copy, sink: { ...copy.sink, table: 'not_there' } } as CopySpec
  await expect(runCopy(fresh)).rejects.toThrow('lacks CREATE on schema public')
})

test('a ledger that another login owns is left alone: this login has its own', async () => {
  const { sink } = databases
  await runCopy(tableCopy(databases, 'items', { to: 'by_owner' }))
  const copy = await limitedCopy('by_role')
  await sink.client.query(`GRANT CREATE ON SCHEMA public TO ${role}`)
  const { receipt } = await runCopy(copy)
  expect(receipt.guaranteeReason).toContain(`_sallyport_ledger_${role}`)
  expect(await rowsOf(sink, `_sallyport_ledger_${role}`)).not.toHaveLength(0)
  await sink.client.query(`REVOKE CREATE ON SCHEMA public FROM ${role}`)
})
