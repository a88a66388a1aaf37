import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { testDatabase } from '@/lib/db/test-database'
import { aFactory, aLinkedService, aRuntime, aTenant, aUser } from '@/lib/db/test-fixtures'
import { requestBrowse } from '@/lib/interactive/request-browse'
import { sweepInteractive } from '@/lib/interactive/sweep'

const database = testDatabase()

test('the sweep of requests does not read through a long history of tasks', async () => {
  const { db } = database
  const tenantId = await aTenant(db)
  const runtime = await aRuntime(db, await aFactory(db, tenantId), { name: 'plant-7' })
  const store = await aLinkedService(db, runtime, { name: 'orders-db' })
  const asker = { actor: await aUser(db, tenantId, 'Contributor'), db }
  await db.execute(sql`
    insert into tasks (id, runtime_id, kind, state, spec)
    select gen_random_uuid(), ${runtime.id}, 'copyPart', 'succeeded', '{}' from generate_series(1, 20000)`)
  await db.execute(sql`analyze tasks`)
  await requestBrowse(asker, { linkedServiceId: store.id, path: [] })
  const read = await db.transaction(async (tx) => {
    await sweepInteractive(tx)
    const { rows } = await tx.execute<{ read: number }>(
      sql`select seq_tup_read::float8 as read from pg_stat_xact_user_tables where relname = 'tasks'`,
    )
    return rows[0]?.read
  })
  expect(read).toBe(0)
})
