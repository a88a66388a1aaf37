import { sign } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { expect } from 'vitest'
import { runtimes } from '@/drizzle/schema/runtimes'
import { detachNode } from '@/lib/nodes/detach'
import { followLog, makeEntry, noMembership } from '@/lib/protocol/membership'
import type { MembershipBody, VaultState, VaultWrap } from '@/lib/protocol/vault'
import { testChannel } from '@/server/test-channel'
import type { TestNode } from '@/server/test-node'

/** The vault of one runtime as its nodes keep it: they sign its log for real; wraps are made up, for the portal cannot look inside. */
export function testVault() {
  const world = testChannel()

  async function entryBy(node: TestNode, change: MembershipBody['change']) {
    const { log } = await pull(node)
    const before = await followLog(noMembership, log, world.runtime.id)
    const next = { runtimeId: world.runtime.id, change, signedBy: node.nodeId }
    return await makeEntry(before, next, (bytes) =>
      sign(null, bytes, node.keys.signing).toString('base64url'),
    )
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

  return { world, entryBy, append, aVault, aSecondMember, remove, runtime }
}

export async function pull(node: TestNode, since = '0'): Promise<VaultState> {
  const answer = await node.call('vault', { op: 'pull', logFrom: 0, credentialsSince: since })
  expect(answer.status).toBe(200)
  return (answer.body as { state: VaultState }).state
}

export const raw = (letter: string) => letter.repeat(43)
export const wrap = (node: TestNode, generation = 1): VaultWrap => ({
  nodeId: node.nodeId,
  generation,
  enc: raw('e'),
  ciphertext: 'd3JhcA',
})
export const memberOf = ({ nodeId, keys }: TestNode) => ({
  nodeId,
  signingKey: keys.signingKey,
  vaultKey: keys.vaultKey,
})
export const found = (node: TestNode) => ({
  op: 'found' as const,
  ...memberOf(node),
  generation: 1 as const,
  publicKey: raw('1'),
})
export const admit = (node: TestNode) => ({ op: 'admit' as const, ...memberOf(node) })
export const refused = (status: number, code: string) => ({ status, body: { error: { code } } })
