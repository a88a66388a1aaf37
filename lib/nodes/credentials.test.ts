import { expect, test } from 'vitest'
import { nodeCredentials } from '@/drizzle/schema/vault'
import { testDatabase } from '@/lib/db/test-database'
import { aFactory, aLinkedService, aNode, aRuntime, aTenant, aUser } from '@/lib/db/test-fixtures'
import { listNodeCredentials } from '@/lib/nodes/queries'

const database = testDatabase()

test('listNodeCredentials() shows the first hundred, and before all what is not opened', async () => {
  const { db } = database
  const tenantId = await aTenant(db)
  const runtime = await aRuntime(db, await aFactory(db, tenantId))
  const node = await aNode(db, runtime)
  const reader = { actor: await aUser(db, tenantId, 'Reader'), db }
  const store = (name: string) => aLinkedService(db, runtime, { name, credentialVersion: 2 })
  const open = async (id: string, version: number, error: string | null = null) => {
    const openedAt = error ? null : new Date()
    await db
      .insert(nodeCredentials)
      .values({ nodeId: node.id, linkedServiceId: id, version, openedAt, error })
  }
  for (let index = 100; index < 200; index += 1) await open((await store(`opened-${index}`)).id, 2)
  await store('waiting')
  await open((await store('stale')).id, 1)
  await open((await store('wrong')).id, 2, 'the key of generation 1 is missing')
  const listed = await listNodeCredentials(reader, node.id)
  const names = listed.map(({ linkedServiceName }) => linkedServiceName)
  expect(names.slice(0, 4)).toEqual(['stale', 'waiting', 'wrong', 'opened-100'])
  expect(names).toHaveLength(100)
})
