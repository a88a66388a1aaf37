import { eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { auditLog } from '@/drizzle/schema/audit'
import { nodes, runtimes } from '@/drizzle/schema/runtimes'
import type { TestNode } from '@/server/test-node'
import { admit, memberOf, pull, raw, refused, testVault, wrap } from '@/server/test-vault'

const { world, entryBy, append, aVault, aSecondMember, remove } = testVault()
const waitingSince = (node: TestNode) =>
  world.db
    .select({ approvalSince: nodes.approvalSince, vaultError: nodes.vaultError })
    .from(nodes)
    .where(eq(nodes.id, node.nodeId))

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
