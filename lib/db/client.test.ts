import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { connect } from '@/lib/db/client'
import { isDatabaseAway } from '@/lib/db/database-error'
import { testDatabase } from '@/lib/db/test-database'

const database = testDatabase({ commits: true })
let db: ReturnType<typeof connect>

beforeEach(() => {
  db = connect({ connectionString: database.url, max: 1 })
})
afterEach(() => db.$client.end())

const idleLimit = sql`select current_setting('idle_in_transaction_session_timeout') as value`

test('a connection that is lost inside a transaction fails that transaction, and not the process', async () => {
  const lost = db.transaction(async (tx) => {
    const { rows } = await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`)
    await database.db.execute(sql`select pg_terminate_backend(${rows[0]?.pid}::int)`)
    for (;;) await tx.execute(sql`select 1`)
  })
  await expect(lost).rejects.toSatisfy(isDatabaseAway)
  expect((await db.execute(sql`select 1 as one`)).rows).toEqual([{ one: 1 }])
})

test('a transaction may not sit idle for ever with its locks, and nothing is set beyond its end', async () => {
  const [inside] = await db.transaction(async (tx) => (await tx.execute(idleLimit)).rows)
  expect(inside).toEqual({ value: '1min' })
  expect((await db.execute(idleLimit)).rows).toEqual([{ value: '0' }])
})

test('a database that only reads, as one that was replaced by another does, counts as away', async () => {
  const refused = db.transaction((tx) => tx.execute(sql`create table nothing ()`), {
    accessMode: 'read only',
  })
  await expect(refused).rejects.toSatisfy(isDatabaseAway)
})
