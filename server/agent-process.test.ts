import { and, eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { nodes, runtimes } from '@/drizzle/schema/runtimes'
import { testAgents } from '@/server/test-agent'
import { testChannel } from '@/server/test-channel'

const world = testChannel()
const agents = testAgents()

async function nodeNamed(name: string) {
  const [node] = await world.db
    .select()
    .from(nodes)
    .where(and(eq(nodes.runtimeId, world.runtime.id), eq(nodes.name, name)))
  return node
}

test('an agent registers by key, runs, founds the vault, and admits a second one', async () => {
  const [first, second] = [await agents.make(), await agents.make()]
  const by = ['--portal', world.origin, '--key', world.authKey]
  expect(await first.command('register', ...by, '--name', 'plant-a')).toMatchObject({ code: 0 })
  first.start()
  await expect.poll(async () => (await nodeNamed('plant-a'))?.vaultGeneration, { timeout: 15_000 }).toBe(1)
  expect(await second.command('register', ...by, '--name', 'plant-b')).toMatchObject({ code: 0 })
  second.start()
  await expect.poll(async () => (await nodeNamed('plant-b'))?.vaultGeneration, { timeout: 15_000 }).toBe(1)
  const [runtime] = await world.db.select().from(runtimes).where(eq(runtimes.id, world.runtime.id))
  expect(runtime).toMatchObject({ vaultGeneration: 1 })
  first.signal('SIGTERM')
  expect(await first.ended()).toBe(0)
})
