import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { database as currentDatabase } from '@/lib/db/client'
import { testDatabase } from '@/lib/db/test-database'

const count = sql`SELECT count(*)::int AS found FROM pg_class WHERE relname = 'left_over'`

describe('testDatabase()', () => {
  const database = testDatabase()

  test.each(['first', 'second'])('gives the %s test an untouched database', async () => {
    expect((await database.db.execute(count)).rows).toEqual([{ found: 0 }])
    await currentDatabase().execute(sql`CREATE TABLE left_over (id int)`)
    expect((await database.db.execute(count)).rows).toEqual([{ found: 1 }])
  })

  test('turns a nested transaction into a savepoint', async () => {
    await expect(
      database.db.transaction(async (tx) => {
        await tx.execute(sql`CREATE TABLE left_over (id int)`)
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    expect((await database.db.execute(count)).rows).toEqual([{ found: 0 }])
  })
})

describe('testDatabase({ commits: true })', () => {
  const database = testDatabase({ commits: true })

  test.each(['first', 'second'])('gives the %s test a database of its own on many connections', async () => {
    expect((await database.db.execute(count)).rows).toEqual([{ found: 0 }])
    await database.db.execute(sql`CREATE TABLE left_over (id int)`)
    const seen = await Promise.all([1, 2, 3].map(() => currentDatabase().execute(count)))
    expect(seen.map(({ rows }) => rows)).toEqual([[{ found: 1 }], [{ found: 1 }], [{ found: 1 }]])
  })
})
