import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { command } from '@/lib/command'
import { connect } from '@/lib/db/client'
import { testDatabase } from '@/lib/db/test-database'
import { aTenant, aUser } from '@/lib/db/test-fixtures'

const database = testDatabase({ commits: true })
const onNamesRefused = vi.fn()
let db: ReturnType<typeof connect>

beforeEach(() => {
  onNamesRefused.mockClear()
  // One connection, so that what is said of its session is said of the next statement's.
  db = connect({ connectionString: database.url, max: 1, onNamesRefused })
})
afterEach(() => db.$client.end())

const add = async (value: number) => {
  const { rows } = await db.execute<{ sum: number }>(sql`select ${value}::int + 1 as sum`)
  return rows[0]?.sum
}
const addOften = async () => {
  for (let value = 0; value < 12; value += 1) expect(await add(value)).toBe(value + 1)
}
/** Names of statements that the session knows. */
const names = async () =>
  (await db.$client.query<{ name: string }>('select name from pg_prepared_statements')).rows.map(
    ({ name }) => name,
  )

test('a statement that comes often has a name, and others have none', async () => {
  await add(1)
  expect(await names()).toEqual([])
  await addOften()
  expect(await names()).toEqual([expect.stringMatching(/^s_[0-9a-f]{24}$/)])
  expect(onNamesRefused).not.toHaveBeenCalled()
})

test('what refuses a name outside of a transaction is done again at once, and nothing has a name from then on', async () => {
  await addOften()
  // As a pooler does that hands the next transaction to a session which never heard the name.
  await db.$client.query('deallocate all')
  await addOften()
  expect(await names()).toEqual([])
  expect(onNamesRefused).toHaveBeenCalledOnce()
})

test('a session in which somebody else used the name is no error either', async () => {
  await addOften()
  const [name = ''] = await names()
  const other = connect({ connectionString: database.url, max: 1, onNamesRefused })
  await other.$client.query(`prepare ${name} as select 1`)
  for (let value = 0; value < 12; value += 1)
    expect((await other.execute(sql`select ${value}::int + 1 as sum`)).rows).toEqual([{ sum: value + 1 }])
  expect(onNamesRefused).toHaveBeenCalledOnce()
  await other.$client.end()
})

test('a command whose transaction was lost to a refused name is done a second time', async () => {
  const runs = vi.fn()
  const addInCommand = command({
    permission: 'factories.read',
    input: z.object({ value: z.number() }),
    scope: (_, __, { tenantId }) => ({ tenantId }),
    async run(tx, { value }) {
      runs()
      const { rows } = await tx.execute<{ sum: number }>(sql`select ${value}::int + 1 as sum`)
      return { result: rows[0]?.sum, audit: null }
    },
  })
  const actor = await aUser(database.db, await aTenant(database.db), 'Owner')
  const ctx = { actor, db }
  await addOften()
  await db.$client.query('deallocate all')
  expect(await addInCommand(ctx, { value: 41 })).toBe(42)
  expect(runs).toHaveBeenCalledTimes(2)
  expect(await addInCommand(ctx, { value: 42 })).toBe(43)
  expect(runs).toHaveBeenCalledTimes(3)
})

test('a migration that changes what a named statement answers is no error', async () => {
  await db.execute(sql`create table moved (a int)`)
  await db.execute(sql`insert into moved values (1)`)
  const read = () => db.execute(sql`select * from moved where a = ${1}`)
  for (let time = 0; time < 12; time += 1) await read()
  await db.execute(sql`alter table moved add b text`)
  expect((await read()).rows).toEqual([{ a: 1, b: null }])
})
