import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach } from 'vitest'
import { authKeys } from '@/drizzle/schema/runtimes'
import { makeAuthKey, openAuthKey } from '@/lib/auth-keys/auth-key'
import type { Db } from '@/lib/db/client'
import { testDatabase } from '@/lib/db/test-database'
import { aFactory, aRuntime, aTenant } from '@/lib/db/test-fixtures'
import { usePortal } from '@/lib/portal'
import { Secret } from '@/lib/secret'
import { type AgentChannel, createAgentChannel } from '@/server/agent-channel'
import { TestNode } from '@/server/test-node'

export type TestWorld = {
  readonly db: Db
  readonly origin: string
  readonly channel: AgentChannel
  tenantId: string
  factory: Awaited<ReturnType<typeof aFactory>>
  runtime: Awaited<ReturnType<typeof aRuntime>>
  authKey: string
  /** A node that is enrolled by the key. */
  enrol: (more?: Parameters<TestNode['register']>[1]) => Promise<TestNode>
}

/**
 * The agent channel on a real port with a real database, and one runtime to enrol into. With `looks: false` it never looks
 * at the queue by itself, so that only a wake-up can answer a held poll. `nowMs`: the clock by which nodes ask too often.
 */
export function testChannel({
  looks = true,
  nowMs,
}: { looks?: boolean; nowMs?: () => number } = {}): TestWorld {
  const database = testDatabase({ commits: true })
  const state: Partial<TestWorld> & { close?: () => Promise<void> } = {}

  beforeEach(async () => {
    const { db } = database
    const origins: string[] = []
    const lookEveryMs = looks ? 1000 : 3_600_000
    const channel = createAgentChannel({ db, origins: () => origins, lookEveryMs, nowMs })
    const server = createServer((request, response) => void channel.handle(request, response))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    origins.push('https://sallyport.example.com', origin)
    usePortal({
      publicUrl: origin,
      caPem: null,
      fingerprint: null,
      serverKeyPin: null,
      secretKey: new Secret(new Uint8Array(32)),
    })
    const tenantId = await aTenant(db)
    const factory = await aFactory(db, tenantId)
    const runtime = await aRuntime(db, factory)
    Object.assign(state, { db, channel, origin, tenantId, factory, runtime })
    state.authKey = await anAuthKey(db, { runtimeId: runtime.id, factoryName: factory.name })
    state.close = async () => {
      channel.close()
      await channel.drain()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    }
  })
  afterEach(() => state.close?.())

  return Object.assign(state as TestWorld, {
    async enrol(more = {}) {
      const node = new TestNode(state.origin ?? '')
      await node.register({ by: 'authKey', authKey: state.authKey ?? '' }, more)
      return node
    },
  })
}

/** A current key of the runtime, as people paste it. */
export async function anAuthKey(db: Db, place: { runtimeId: string; factoryName: string }): Promise<string> {
  const owner = { runtimeId: place.runtimeId, name: 'authKey1' as const }
  const made = makeAuthKey(owner)
  await db.insert(authKeys).values({ ...owner, ...made })
  return openAuthKey(owner, made.sealedKey, place.factoryName)
}
