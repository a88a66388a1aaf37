import { createHash, createHmac, randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { auditLog } from '@/drizzle/schema/audit'
import { authKeys, enrolmentLinks, nodes, runtimes } from '@/drizzle/schema/runtimes'
import { aRuntime } from '@/lib/db/test-fixtures'
import { newcomerProofText, type RegisterRequest } from '@/lib/protocol/enrolment'
import { anAuthKey, testChannel } from '@/server/test-channel'
import { makeTestKeys, TestNode } from '@/server/test-node'

const world = testChannel()
const byKey = (authKey = world.authKey) => ({ by: 'authKey' as const, authKey })
const newcomer = () => new TestNode(world.origin)
const refused = (status: number, code: string, message: RegExp) => ({
  status,
  body: { error: { code, message: expect.stringMatching(message) } },
})

async function aLink(values: Partial<typeof enrolmentLinks.$inferInsert> = {}) {
  const [linkId, secret, half] = [randomUUID(), 'a'.repeat(43), Buffer.alloc(32, 7)]
  await world.db.insert(enrolmentLinks).values({
    id: linkId,
    runtimeId: world.runtime.id,
    secretHash: createHash('sha256').update(secret).digest('hex'),
    expiresAt: new Date(Date.now() + 3_600_000),
    ...values,
  })
  return (node: TestNode): RegisterRequest['proof'] => {
    const text = newcomerProofText(linkId, node.keys.signingKey, node.keys.vaultKey)
    return { by: 'link', linkId, secret, proof: createHmac('sha256', half).update(text).digest('base64url') }
  }
}

describe('by authentication key', () => {
  test('a machine becomes a node, named and audited, and the runtime’s nodes hear of it', async () => {
    const node = newcomer()
    expect(await node.register(byKey(), { nodeName: 'plant-a' })).toMatchObject({
      status: 200,
      body: {
        nodeName: 'plant-a',
        runtimeId: world.runtime.id,
        runtimeName: world.runtime.name,
        factoryName: world.factory.name,
      },
    })
    const [row] = await world.db.select().from(nodes)
    expect(row).toMatchObject({
      id: node.nodeId,
      registeredVia: { by: 'authKey', name: 'authKey1' },
      address: expect.stringContaining('127.0.0.1'),
    })
    const [key] = await world.db.select().from(authKeys)
    expect(key).toMatchObject({ lastUsedByNodeId: node.nodeId, lastUsedAt: expect.any(Date) })
    const [entry] = await world.db.select().from(auditLog)
    expect(entry).toMatchObject({ action: 'node.registered', entityId: node.nodeId, actor: { kind: 'node' } })
    expect(JSON.stringify(entry)).not.toContain(world.authKey)
    const [runtime] = await world.db.select().from(runtimes)
    expect(runtime?.vaultVersion).toBe(1)
  })

  test('what the machine allows is shown as it told last', async () => {
    const node = newcomer()
    const policy = { allowedFolders: ['/srv/exports'], allowedHosts: ['10.0.0.0/8'] }
    await node.register(byKey(), { policy })
    expect(await world.db.select().from(nodes)).toMatchObject([{ policy }])
    const now = { allowedFolders: [], allowedHosts: ['db.example.com:5432'] }
    await node.poll({ policy: now })
    await node.poll()
    expect(await world.db.select().from(nodes)).toMatchObject([{ policy: now }])
  })

  test('a lost answer costs nothing: the same keys are the same node', async () => {
    const node = newcomer()
    await node.register(byKey())
    const first = node.nodeId
    node.nodeId = ''
    await node.register(byKey())
    expect(node.nodeId).toBe(first)
    expect(await world.db.$count(nodes)).toBe(1)
  })

  test('a taken name gets a number, whatever its case, and a removed node’s name is free', async () => {
    const names = []
    for (const wished of ['Plant', 'plant', 'PLANT', 'p'.repeat(63), 'p'.repeat(63)]) {
      const answer = await newcomer().register(byKey(), { nodeName: wished })
      names.push((answer.body as { nodeName: string }).nodeName)
    }
    expect(names).toEqual(['Plant', 'plant-2', 'PLANT-3', 'p'.repeat(63), `${'p'.repeat(61)}-2`])
    await world.db.update(nodes).set({ removedAt: new Date() }).where(eq(nodes.name, 'Plant'))
    expect(await newcomer().register(byKey(), { nodeName: 'plant' })).toMatchObject({
      body: { nodeName: 'plant' },
    })
  })

  test('two machines at once get two names', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map(() => newcomer().register(byKey())))
    const names = answers.map(({ body }) => (body as { nodeName: string }).nodeName)
    expect(new Set(names).size).toBe(4)
  })

  test('a key that was regenerated, or is of another runtime, is refused', async () => {
    const other = await aRuntime(world.db, world.factory)
    const otherKey = await anAuthKey(world.db, { runtimeId: other.id, factoryName: world.factory.name })
    const mixed = otherKey.replace(other.id, world.runtime.id)
    expect(await newcomer().register(byKey(mixed))).toMatchObject(refused(403, 'forbidden', /not valid/))
    await world.db.delete(authKeys)
    expect(await newcomer().register(byKey())).toMatchObject(refused(403, 'forbidden', /regenerated/))
    expect(await world.db.$count(nodes)).toBe(0)
  })

  test('a removed node cannot come back with its keys', async () => {
    const node = await world.enrol()
    await world.db.update(nodes).set({ removedAt: new Date() })
    node.nodeId = ''
    expect(await node.register(byKey())).toMatchObject(refused(403, 'revoked', /new keys/))
  })

  test('keys that do not belong together are refused', async () => {
    const { vaultKey, vaultKeySignature } = makeTestKeys()
    expect(await newcomer().register(byKey(), { vaultKey })).toMatchObject(
      refused(401, 'bad_signature', /vault key/),
    )
    expect(await newcomer().register(byKey(), { vaultKey, vaultKeySignature })).toMatchObject(
      refused(401, 'bad_signature', /vault key/),
    )
    const { signingKey } = makeTestKeys()
    expect(await newcomer().register(byKey(), { signingKey })).toMatchObject(
      refused(401, 'bad_signature', /not signed with the key/),
    )
  })
})

describe('by enrolment link', () => {
  test('a machine becomes a node once; the same machine may ask again', async () => {
    const proof = await aLink()
    const node = newcomer()
    expect(await node.register(proof(node))).toMatchObject({ status: 200 })
    const first = node.nodeId
    node.nodeId = ''
    expect(await node.register(proof(node))).toMatchObject({ status: 200, body: { nodeId: first } })
    const thief = newcomer()
    expect(await thief.register(proof(thief))).toMatchObject(refused(410, 'gone', /has been used/))
    const [link] = await world.db.select().from(enrolmentLinks)
    expect(link).toMatchObject({ usedByNodeId: first, usedAt: expect.any(Date) })
  })

  test('two machines at once: one gets in', async () => {
    const proof = await aLink()
    const machines = [newcomer(), newcomer(), newcomer()]
    const answers = await Promise.all(machines.map((node) => node.register(proof(node))))
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 410, 410])
  })

  test.each([
    ['expired', { expiresAt: new Date(Date.now() - 1000) }, refused(410, 'gone', /expired/)],
    ['revoked', { revokedAt: new Date() }, refused(410, 'gone', /revoked/)],
    ['unknown', { secretHash: '0'.repeat(64) }, refused(403, 'forbidden', /mistyped/)],
  ])('an %s link is refused', async (_, values, refusal) => {
    const proof = await aLink(values)
    const node = newcomer()
    expect(await node.register(proof(node))).toMatchObject(refusal)
  })
})
