import { describe, expect, test } from 'vitest'
import { auditLog } from '@/drizzle/schema/audit'
import { nodes } from '@/drizzle/schema/runtimes'
import { makeTestKeys, type TestKeys, TestNode } from '@/server/test-node'
import { refused, testVault, wrap } from '@/server/test-vault'

const { world, entryBy, aVault, aSecondMember } = testVault()
const rekey = ({ signingKey, vaultKey }: TestKeys, { nodeId }: TestNode) => ({
  op: 'rekey' as const,
  nodeId,
  signingKey,
  vaultKey,
})
async function anOffer(node: TestNode, next = makeTestKeys()) {
  const entry = await entryBy(node, rekey(next, node))
  const { vaultKeySignature } = next
  const answer = await node.call('vault', { op: 'append', entry, wraps: [wrap(node)], vaultKeySignature })
  const renewed = new TestNode(node.origin, next)
  renewed.nodeId = node.nodeId
  return { answer, renewed }
}
const row = async () => (await world.db.select().from(nodes))[0]

describe('keys that rotate', () => {
  test('both count until the new ones are first used; then the old ones are refused, replayed or not', async () => {
    const node = await aVault()
    const { answer, renewed } = await anOffer(node)
    expect(answer).toMatchObject({ status: 200 })
    expect(await row()).toMatchObject({ signingKey: node.keys.signingKey, nextKeysAt: expect.any(Date) })
    expect((await node.poll()).status).toBeLessThan(300)
    expect((await renewed.call('heartbeat', { tasks: [] })).status).toBe(200)
    expect(await row()).toMatchObject({
      signingKey: renewed.keys.signingKey,
      vaultKey: renewed.keys.vaultKey,
      keysSince: expect.any(Date),
      nextSigningKey: null,
      nextKeysAt: null,
    })
    expect(await node.call('heartbeat', { tasks: [] })).toMatchObject(refused(401, 'bad_signature'))
    expect((await renewed.call('heartbeat', { tasks: [] })).status).toBe(200)
    const actions = await world.db.select({ action: auditLog.action }).from(auditLog).orderBy(auditLog.seq)
    expect(actions.map(({ action }) => action).slice(-2)).toEqual(['vault.rekeyed', 'node.keysRotated'])
  })

  test('are refused where they do not belong together, are another node’s, or others wait to be used', async () => {
    const node = await aVault()
    const second = await aSecondMember(node)
    const [next, other] = [makeTestKeys(), makeTestKeys()]
    const mixed = { ...next, vaultKey: other.vaultKey }
    expect((await anOffer(node, mixed)).answer).toMatchObject(refused(401, 'bad_signature'))
    const foreign = await entryBy(node, rekey(next, node))
    const stolen = { ...foreign, body: { ...foreign.body, signedBy: second.nodeId } }
    const { vaultKeySignature } = next
    const wraps = [wrap(node)]
    expect(
      await second.call('vault', { op: 'append', entry: stolen, wraps, vaultKeySignature }),
    ).toMatchObject(refused(400, 'malformed'))
    const { answer, renewed } = await anOffer(node, next)
    expect(answer).toMatchObject({ status: 200 })
    expect((await anOffer(node)).answer).toMatchObject(refused(400, 'malformed'))
    // The log knows the offered key already, so that only its owner could go on; but first it must be used.
    expect((await renewed.call('heartbeat', { tasks: [] })).status).toBe(200)
    expect((await anOffer(renewed)).answer).toMatchObject({ status: 200 })
  })
})
