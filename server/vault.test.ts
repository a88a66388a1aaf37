import { sign } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { auditLog } from '@/drizzle/schema/audit'
import { linkedServices } from '@/drizzle/schema/authoring'
import { nodes, runtimes } from '@/drizzle/schema/runtimes'
import { nodeCredentials } from '@/drizzle/schema/vault'
import { aLinkedService } from '@/lib/db/test-fixtures'
import { detachNode } from '@/lib/nodes/detach'
import { followLog, makeEntry, noMembership } from '@/lib/protocol/membership'
import type { MembershipBody, VaultState, VaultWrap } from '@/lib/protocol/vault'
import { offerStaleWork } from '@/lib/vault/work'
import { testChannel } from '@/server/test-channel'
import { makeTestKeys, type TestKeys, TestNode } from '@/server/test-node'

const world = testChannel()
const raw = (letter: string) => letter.repeat(43)
const wrap = (node: TestNode, generation = 1): VaultWrap => ({
  nodeId: node.nodeId,
  generation,
  enc: raw('e'),
  ciphertext: 'd3JhcA',
})
const memberOf = ({ nodeId, keys }: TestNode) => ({
  nodeId,
  signingKey: keys.signingKey,
  vaultKey: keys.vaultKey,
})
const found = (node: TestNode) => ({
  op: 'found' as const,
  ...memberOf(node),
  generation: 1 as const,
  publicKey: raw('1'),
})
const admit = (node: TestNode) => ({ op: 'admit' as const, ...memberOf(node) })
const rotate = (removed: TestNode[], generation = 2) => ({
  op: 'rotate' as const,
  removedNodeIds: removed.map(({ nodeId }) => nodeId),
  generation,
  publicKey: raw('2'),
})

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

async function pull(node: TestNode, since = '0'): Promise<VaultState> {
  const answer = await node.call('vault', { op: 'pull', logFrom: 0, credentialsSince: since })
  expect(answer.status).toBe(200)
  return (answer.body as { state: VaultState }).state
}
async function entryBy(node: TestNode, change: MembershipBody['change']) {
  const { log } = await pull(node)
  const before = await followLog(noMembership, log, world.runtime.id)
  const next = { runtimeId: world.runtime.id, change, signedBy: node.nodeId }
  return await makeEntry(before, next, (bytes) => sign(null, bytes, node.keys.signing).toString('base64url'))
}
async function append(
  node: TestNode,
  change: MembershipBody['change'],
  more: { wraps: VaultWrap[]; resealed?: never[] },
) {
  return await node.call('vault', { op: 'append', entry: await entryBy(node, change), ...more })
}
async function aVault() {
  const node = await world.enrol()
  expect(await append(node, found(node), { wraps: [wrap(node)] })).toMatchObject({ status: 200 })
  return node
}
async function aSecondMember(node: TestNode) {
  const second = await world.enrol()
  expect(await append(node, admit(second), { wraps: [wrap(second)] })).toMatchObject({ status: 200 })
  return second
}
const remove = (node: TestNode) =>
  world.db.transaction((tx) => detachNode(tx, { id: node.nodeId, runtimeId: world.runtime.id }, 'test'))
const runtime = async () =>
  (await world.db.select().from(runtimes).where(eq(runtimes.id, world.runtime.id)))[0]
const waitingSince = (node: TestNode) =>
  world.db
    .select({ approvalSince: nodes.approvalSince, vaultError: nodes.vaultError })
    .from(nodes)
    .where(eq(nodes.id, node.nodeId))
const refused = (status: number, code: string) => ({ status, body: { error: { code } } })

describe('founding', () => {
  test('is offered to one node at a time, and done once', async () => {
    const [one, two] = [await world.enrol(), await world.enrol()]
    expect((await pull(one)).work).toEqual([{ kind: 'found' }])
    expect((await pull(two)).work).toEqual([])
    expect((await pull(one)).work).toEqual([{ kind: 'found' }])
    const [ours, theirs] = [await entryBy(one, found(one)), await entryBy(two, found(two))]
    expect(await one.call('vault', { op: 'append', entry: ours, wraps: [wrap(one)] })).toMatchObject({
      status: 200,
    })
    expect(await two.call('vault', { op: 'append', entry: theirs, wraps: [wrap(two)] })).toMatchObject(
      refused(409, 'conflict'),
    )
    expect(await runtime()).toMatchObject({ vaultGeneration: 1, vaultPublicKey: raw('1') })
    const actions = await world.db.select({ action: auditLog.action }).from(auditLog)
    expect(actions.map(({ action }) => action)).toContain('vault.founded')
  })

  test('is offered to all again where the first one did not do it', async () => {
    const [one, two] = [await world.enrol(), await world.enrol()]
    await pull(one)
    await world.db.update(runtimes).set({ vaultWorkUntil: new Date(Date.now() - 1000) })
    const before = (await runtime())?.vaultVersion ?? 0
    expect(await offerStaleWork(world.db)).toEqual([world.runtime.id])
    expect((await runtime())?.vaultVersion).toBe(before + 1)
    expect((await pull(two)).work).toEqual([{ kind: 'found' }])
  })
})

describe('admission', () => {
  test('is asked of a member, with what it needs to judge, until it is done', async () => {
    const node = await aVault()
    const second = await world.enrol()
    expect((await pull(second)).work).toEqual([])
    expect((await pull(node)).work).toMatchObject([
      { kind: 'admit', newcomer: { ...memberOf(second), nodeName: 'plant-7-2' } },
    ])
    expect(await append(node, admit(second), { wraps: [wrap(second)] })).toMatchObject({ status: 200 })
    expect((await pull(node)).work).toEqual([])
    expect((await pull(second)).wraps).toEqual([wrap(second)])
  })

  test('is not asked again of what a member refused, and the node shows why', async () => {
    const node = await aVault()
    const second = await world.enrol()
    await node.call('vault', { op: 'refuse', nodeId: second.nodeId, reason: 'its proof is wrong' })
    expect((await pull(node)).work).toEqual([])
    const [row] = await world.db.select().from(nodes).where(eq(nodes.id, second.nodeId))
    expect(row?.vaultError).toContain('its proof is wrong')
  })

  test('of a strict runtime: the policy is signed first, and who has no proof waits for a person', async () => {
    const node = await aVault()
    await world.db.update(runtimes).set({ admission: 'strict' })
    const second = await world.enrol()
    const asked = (await pull(node)).work
    expect(asked).toMatchObject([{ kind: 'restrict' }, { kind: 'admit' }])
    expect(await append(node, { op: 'restrict' }, { wraps: [wrap(node)] })).toMatchObject(
      refused(400, 'malformed'),
    )
    expect(await append(node, { op: 'restrict' }, { wraps: [] })).toMatchObject({ status: 200 })
    const waits = { op: 'refuse' as const, nodeId: second.nodeId, reason: 'no proof', awaitsApproval: true }
    await node.call('vault', waits)
    const [since] = await waitingSince(second)
    expect(since).toMatchObject({ approvalSince: expect.any(Date), vaultError: null })
    await node.call('vault', waits)
    expect(await waitingSince(second)).toEqual([since])
    expect((await pull(node)).work).toEqual([])
    expect(await append(node, admit(second), { wraps: [wrap(second)] })).toMatchObject(
      refused(400, 'malformed'),
    )

    expect(await second.call('vault', { op: 'newcomers' })).toMatchObject(refused(403, 'forbidden'))
    expect(await node.call('vault', { op: 'newcomers' })).toMatchObject({
      body: { newcomers: [{ nodeId: second.nodeId, signingKey: second.keys.signingKey }] },
    })
    const approved = { ...admit(second), by: 'approval' as const }
    expect(await append(node, approved, { wraps: [wrap(second)] })).toMatchObject({ status: 200 })
    expect(await waitingSince(second)).toEqual([{ approvalSince: null, vaultError: null }])
    const entries = await world.db.select().from(auditLog).where(eq(auditLog.entityId, world.runtime.id))
    expect(entries.map(({ action }) => action)).toEqual([
      'vault.founded',
      'vault.restricted',
      'vault.admitted',
    ])
    expect(entries.at(-1)).toMatchObject({ after: { by: 'approval', node: 'plant-7-2' } })
  })

  test('takes no strictness that the runtime does not have', async () => {
    const node = await aVault()
    expect(await append(node, { op: 'restrict' }, { wraps: [] })).toMatchObject(refused(409, 'conflict'))
  })

  test('takes no refusal from a node that is no member, or about a member', async () => {
    const node = await aVault()
    const [second, third] = [await aSecondMember(node), await world.enrol()]
    await third.call('vault', { op: 'refuse', nodeId: second.nodeId, reason: 'envy' })
    await node.call('vault', { op: 'refuse', nodeId: second.nodeId, reason: 'too late' })
    const [row] = await world.db.select().from(nodes).where(eq(nodes.id, second.nodeId))
    expect(row?.vaultError).toBeNull()
  })

  test('is refused where the entry is not right', async () => {
    const node = await aVault()
    const [second, third] = [await world.enrol(), await world.enrol()]
    const good = { wraps: [wrap(second)] }
    const swapped = { ...admit(second), vaultKey: third.keys.vaultKey }
    expect(await append(node, swapped, good)).toMatchObject(refused(400, 'malformed'))
    expect(await append(node, admit(second), { wraps: [] })).toMatchObject(refused(400, 'malformed'))
    expect(await append(node, admit(second), { wraps: [wrap(second), wrap(third)] })).toMatchObject(
      refused(400, 'malformed'),
    )
    expect(await append(node, admit(second), { wraps: [wrap(second, 2)] })).toMatchObject(
      refused(400, 'malformed'),
    )
    expect(await append(second, admit(second), good)).toMatchObject(refused(400, 'malformed'))
    const entry = await entryBy(node, admit(second))
    expect(await third.call('vault', { op: 'append', entry, ...good })).toMatchObject(
      refused(403, 'forbidden'),
    )
    const forged = { ...entry, signature: raw('f') }
    expect(await node.call('vault', { op: 'append', entry: forged, ...good })).toMatchObject(
      refused(400, 'malformed'),
    )
    await remove(second)
    expect(await append(node, admit(second), good)).toMatchObject(refused(409, 'conflict'))
  })
})

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

describe('removal', () => {
  test('asks a remaining member for a new generation, with a wrap for each that stays', async () => {
    const node = await aVault()
    const [second, third] = [await aSecondMember(node), await aSecondMember(node)]
    await remove(second)
    expect((await pull(node)).work).toEqual([{ kind: 'rotate', removedNodeIds: [second.nodeId] }])
    expect(await append(node, rotate([second]), { wraps: [wrap(node, 2)] })).toMatchObject(
      refused(400, 'malformed'),
    )
    const wraps = [wrap(node, 2), wrap(third, 2)]
    expect(await append(node, rotate([third]), { wraps: [wrap(node, 2), wrap(second, 2)] })).toMatchObject(
      refused(403, 'forbidden'),
    )
    expect(await append(node, rotate([second]), { wraps })).toMatchObject({ status: 200 })
    expect(await runtime()).toMatchObject({ vaultGeneration: 2, vaultPublicKey: raw('2') })
    expect((await pull(node)).work).toEqual([])
  })

  test('takes no generation that leaves a credential under the old key', async () => {
    const node = await aVault()
    const second = await aSecondMember(node)
    const service = await aLinkedService(world.db, world.runtime)
    const sealed = {
      linkedServiceId: service.id,
      version: service.credentialVersion,
      generation: 1,
      enc: raw('c'),
      ciphertext: 'b2xk',
    }
    await world.db.update(linkedServices).set({ sealedCredential: sealed })
    await remove(second)
    const wraps = [wrap(node, 2)]
    expect(await append(node, rotate([second]), { wraps })).toMatchObject(refused(409, 'conflict'))
    const entry = await entryBy(node, rotate([second]))
    const anew = { ...sealed, generation: 2, ciphertext: 'bmV3' }
    expect(await node.call('vault', { op: 'append', entry, wraps, resealed: [anew] })).toMatchObject({
      status: 200,
    })
    const [row] = await world.db.select().from(linkedServices)
    expect(row).toMatchObject({ sealedCredential: anew, vaultVersion: (await runtime())?.vaultVersion })
    expect((await pull(node)).credentials).toMatchObject([
      { sealed: anew, context: { linkedServiceId: service.id } },
    ])
  })

  test('of the last member forgets the vault: the next node founds a new one, secrets are asked for again', async () => {
    const node = await aVault()
    const service = await aLinkedService(world.db, world.runtime)
    const sealed = {
      linkedServiceId: service.id,
      version: 1,
      generation: 1,
      enc: raw('c'),
      ciphertext: 'b2xk',
    }
    await world.db.update(linkedServices).set({ sealedCredential: sealed })
    await remove(node)
    expect(await runtime()).toMatchObject({ vaultGeneration: 0, vaultPublicKey: null })
    expect(await world.db.select().from(linkedServices)).toMatchObject([
      { sealedCredential: null, credentialVersion: 1 },
    ])
    const next = await world.enrol()
    expect((await pull(next)).work).toEqual([{ kind: 'found' }])
    expect(await append(next, found(next), { wraps: [wrap(next)] })).toMatchObject({ status: 200 })
    const lost = await world.db.select().from(auditLog).where(eq(auditLog.action, 'vault.lost'))
    expect(lost).toMatchObject([{ after: { credentialsToEnterAgain: [service.name] } }])
  })
})

describe('a pull', () => {
  test('answers what changed since, and names what is gone', async () => {
    const node = await aVault()
    const [one, two] = [
      await aLinkedService(world.db, world.runtime),
      await aLinkedService(world.db, world.runtime),
    ]
    const sealedAt = (service: typeof one, vaultVersion: number) => ({
      vaultVersion,
      sealedCredential: {
        linkedServiceId: service.id,
        version: 1,
        generation: 1,
        enc: raw('c'),
        ciphertext: 'eA',
      },
    })
    await world.db.update(linkedServices).set(sealedAt(one, 5)).where(eq(linkedServices.id, one.id))
    await world.db.update(linkedServices).set(sealedAt(two, 6)).where(eq(linkedServices.id, two.id))
    expect((await pull(node, '5')).credentials.map(({ sealed }) => sealed.linkedServiceId)).toEqual([two.id])
    await world.db.delete(linkedServices).where(eq(linkedServices.id, one.id))
    const answer = await node.call('vault', {
      op: 'pull',
      logFrom: 0,
      credentialsSince: '6',
      credentialIds: [one.id, two.id],
    })
    expect(answer.body).toMatchObject({ state: { credentials: [], removedCredentialIds: [one.id] } })
  })
})

test('what a node has opened is noted, for its own runtime only', async () => {
  const node = await aVault()
  const [mine, failed] = [
    await aLinkedService(world.db, world.runtime),
    await aLinkedService(world.db, world.runtime),
  ]
  const answer = await node.call('vault', {
    op: 'ready',
    generation: 9,
    opened: [
      { linkedServiceId: mine.id, version: 1 },
      { linkedServiceId: world.runtime.id, version: 1 },
    ],
    failed: [{ linkedServiceId: failed.id, version: 2, reason: 'sealed for another address' }],
  })
  expect(answer).toMatchObject({ status: 200, body: { op: 'noted' } })
  const noted = await world.db.select().from(nodeCredentials).orderBy(nodeCredentials.version)
  expect(noted).toMatchObject([
    { linkedServiceId: mine.id, version: 1, openedAt: expect.any(Date), error: null },
    { linkedServiceId: failed.id, version: 2, openedAt: null, error: 'sealed for another address' },
  ])
  expect(await world.db.select().from(nodes)).toMatchObject([{ vaultGeneration: 1, vaultError: null }])
  await node.call('vault', { op: 'fault', reason: 'the portal shows a fork' })
  expect(await world.db.select().from(nodes)).toMatchObject([{ vaultError: 'the portal shows a fork' }])
})
