import { expect, test } from 'vitest'
import { testDatabase } from '@/lib/db/test-database'
import { aFactory, aNode, aRuntime, aTenant } from '@/lib/db/test-fixtures'
import { freeNodeName } from '@/lib/nodes/node-name'

const database = testDatabase()

test('freeNodeName() numbers the machines of one image, and leaves other runtimes and removed nodes alone', async () => {
  const { db } = database
  const factory = await aFactory(db, await aTenant(db))
  const [runtime, elsewhere] = [await aRuntime(db, factory), await aRuntime(db, factory)]
  const free = (wished: string, { id } = runtime) => db.transaction((tx) => freeNodeName(tx, id, wished))
  for (let count = 0; count < 30; count += 1) await aNode(db, runtime, { name: await free('Image') })
  expect(await free('image')).toBe('image-31')
  expect(await free('image', elsewhere)).toBe('image')
  await aNode(db, runtime, { name: 'gone', removedAt: new Date() })
  expect(await free('gone')).toBe('gone')
  const long = 'l'.repeat(63)
  await aNode(db, runtime, { name: long })
  expect(await free(long)).toBe(`${'l'.repeat(61)}-2`)
})
