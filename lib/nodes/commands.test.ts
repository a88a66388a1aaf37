import { eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { auditLog } from '@/drizzle/schema/audit'
import { tasks } from '@/drizzle/schema/runs'
import { nodes, runtimes } from '@/drizzle/schema/runtimes'
import { testDatabase } from '@/lib/db/test-database'
import { aFactory, aNode, aRuntime, aTenant, aUser } from '@/lib/db/test-fixtures'
import { getNode, listNodes } from '@/lib/nodes/queries'
import { removeNode } from '@/lib/nodes/remove'
import { renameNode } from '@/lib/nodes/rename'
import { setNodeWish } from '@/lib/nodes/set-wish'
import type { Role } from '@/lib/permissions'
import { onWake, type Wake } from '@/lib/tasks/wake'

const database = testDatabase()

async function aPlace(role: Role | null) {
  const { db } = database
  const tenantId = await aTenant(db)
  const runtime = await aRuntime(db, await aFactory(db, tenantId))
  const node = await aNode(db, runtime, { name: 'plant-7-a' })
  return { ctx: { actor: await aUser(db, tenantId, role), db }, runtime, node }
}
async function theNode() {
  const [row] = await database.db.select().from(nodes)
  return row
}
async function lastAudit() {
  return (await database.db.select().from(auditLog).orderBy(auditLog.seq)).at(-1)
}
async function woken(act: () => Promise<unknown>): Promise<Wake[]> {
  const heard: Wake[] = []
  const stop = onWake((wakes) => heard.push(...wakes))
  await act().finally(stop)
  return heard
}

describe('renameNode()', () => {
  test('changes the name that people see, and only that', async () => {
    const { ctx, node } = await aPlace('Contributor')
    await renameNode(ctx, { nodeId: node.id, displayName: ' Quay, left ' })
    expect(await theNode()).toMatchObject({ displayName: 'Quay, left', name: 'plant-7-a' })
    expect(await lastAudit()).toMatchObject({
      action: 'node.renamed',
      before: { displayName: 'plant-7-a' },
      after: { displayName: 'Quay, left' },
    })
  })
  test('refuses an operator and an empty name', async () => {
    const { ctx, node } = await aPlace('Operator')
    await expect(renameNode(ctx, { nodeId: node.id, displayName: 'x' })).rejects.toMatchObject({
      code: 'forbidden',
    })
    await expect(renameNode(ctx, { nodeId: node.id, displayName: '' })).rejects.toMatchObject({
      fields: { displayName: ['Enter a name'] },
    })
  })
})

describe('setNodeWish()', () => {
  test.each([
    ['cordoned', 'node.cordoned'],
    ['draining', 'node.drained'],
  ] as const)('tells the node that it is %s', async (wish, action) => {
    const { ctx, node, runtime } = await aPlace('Operator')
    expect(await woken(() => setNodeWish(ctx, { nodeId: node.id, wish }))).toEqual([
      { runtimeId: runtime.id, for: 'nodes', nodeIds: [node.id] },
    ])
    expect(await theNode()).toMatchObject({ wish })
    expect(await lastAudit()).toMatchObject({ action, before: { wish: 'active' }, after: { wish } })
    await setNodeWish(ctx, { nodeId: node.id, wish: 'active' })
    expect(await lastAudit()).toMatchObject({ action: 'node.uncordoned' })
  })
  test('has nothing to say where nothing changes', async () => {
    const { ctx, node } = await aPlace('Operator')
    expect(await woken(() => setNodeWish(ctx, { nodeId: node.id, wish: 'active' }))).toEqual([])
    expect(await lastAudit()).toBeUndefined()
  })
  test.each(['Reader', null] as const)('refuses the role %s', async (role) => {
    const { ctx, node } = await aPlace(role)
    await expect(setNodeWish(ctx, { nodeId: node.id, wish: 'cordoned' })).rejects.toMatchObject({
      code: 'forbidden',
    })
  })
})

describe('removeNode()', () => {
  test('ends its membership, moves its tasks on and asks for a new vault key', async () => {
    const { ctx, node, runtime } = await aPlace('Contributor')
    const held = { runtimeId: runtime.id, kind: 'copyPart' as const, spec: {} as never, nodeId: node.id }
    await ctx.db.insert(tasks).values({ ...held, state: 'leased', leaseUntil: new Date(Date.now() + 60_000) })
    const heard = await woken(() => removeNode(ctx, { nodeId: node.id, confirmName: 'plant-7-a' }))
    expect(heard).toContainEqual({ runtimeId: runtime.id, for: 'nodes', nodeIds: [node.id] })
    expect(heard).toContainEqual({ runtimeId: runtime.id, for: 'all' })
    expect(await theNode()).toMatchObject({ removedReason: `removed by ${ctx.actor.name}` })
    expect(await ctx.db.select().from(tasks)).toMatchObject([{ state: 'queued', nodeId: null }])
    const [after] = await ctx.db.select().from(runtimes)
    expect(after?.vaultVersion).toBe(runtime.vaultVersion + 1)
    expect(await lastAudit()).toMatchObject({ action: 'node.removed', entityName: 'plant-7-a' })
    expect(await listNodes(ctx, runtime.id)).toEqual({ rows: [], next: null, total: 0 })
    await expect(getNode(ctx, node.id)).rejects.toMatchObject({ code: 'not_found' })
  })
  test('wants its name typed, and finds it once only', async () => {
    const { ctx, node } = await aPlace('Owner')
    await expect(removeNode(ctx, { nodeId: node.id, confirmName: 'plant' })).rejects.toMatchObject({
      fields: { confirmName: ['Type "plant-7-a" to confirm'] },
    })
    await removeNode(ctx, { nodeId: node.id, confirmName: 'plant-7-a' })
    await expect(removeNode(ctx, { nodeId: node.id, confirmName: 'plant-7-a' })).rejects.toMatchObject({
      code: 'not_found',
    })
  })
  test.each(['Operator', 'Reader', null] as const)('refuses the role %s', async (role) => {
    const { ctx, node } = await aPlace(role)
    await expect(removeNode(ctx, { nodeId: node.id, confirmName: 'plant-7-a' })).rejects.toMatchObject({
      code: 'forbidden',
    })
  })
  test('does not know the node of another tenant, nor what is no id', async () => {
    const { node } = await aPlace('Owner')
    const { ctx } = await aPlace('Owner')
    await expect(getNode(ctx, node.id)).rejects.toMatchObject({ code: 'not_found' })
    await expect(getNode(ctx, 'nonsense')).rejects.toMatchObject({ code: 'not_found' })
  })
})

test('getNode() shows state, slots and tasks', async () => {
  const { ctx, node, runtime } = await aPlace('Reader')
  const spec = {
    kind: 'copyPart',
    copy: { activityName: 'Copy flights', pipelineRunId: 'r1' },
    part: { label: 'blocks 0–99' },
  }
  await ctx.db.insert(tasks).values([
    { runtimeId: runtime.id, kind: 'copyPart', spec: spec as never, nodeId: node.id, state: 'leased' },
    { runtimeId: runtime.id, kind: 'browse', spec: {} as never, nodeId: node.id, state: 'succeeded' },
  ])
  await ctx.db
    .update(nodes)
    .set({
      resources: { cpuPercent: 12, memoryUsedBytes: '1', memoryTotalBytes: '2', agentMemoryBytes: '1' },
    })
    .where(eq(nodes.id, node.id))
  const view = await getNode(ctx, node.id)
  expect(view).toMatchObject({
    state: 'Online',
    wish: 'active',
    slotsTotal: 4,
    resources: { cpuPercent: 12 },
  })
  expect(view.tasks).toMatchObject([{ label: 'Copy flights · blocks 0–99', pipelineRunId: 'r1' }])
  expect(JSON.parse(JSON.stringify(view))).toEqual(view)
})

test('listNodes() comes in pages that lose none of those that are called alike, and finds by name and address', async () => {
  const { ctx, node, runtime } = await aPlace(null)
  for (const name of ['plant-7-b', 'plant-7-c', 'quay'])
    await aNode(ctx.db, runtime, { name, displayName: name === 'quay' ? name : 'PLANT-7-A' })
  const reader = { ...ctx, actor: await aUser(ctx.db, runtime.tenantId, 'Reader') }
  const pages: string[][] = []
  let after: string | undefined
  do {
    const page = await listNodes(reader, runtime.id, { after, size: 2 })
    expect(page.total).toBe(4)
    pages.push(page.rows.map(({ name }) => name))
    after = page.next ?? undefined
  } while (after)
  expect(pages.map((page) => page.length)).toEqual([2, 2])
  expect(pages.flat().toSorted()).toEqual(['plant-7-a', 'plant-7-b', 'plant-7-c', 'quay'])
  expect(await listNodes(reader, runtime.id, { q: 'QUA' })).toMatchObject({
    rows: [{ name: 'quay' }],
    next: null,
    total: 1,
  })
  // One that was removed since still has its place.
  await ctx.db.update(nodes).set({ removedAt: new Date() }).where(eq(nodes.id, node.id))
  expect((await listNodes(reader, runtime.id, { after: node.id })).total).toBe(3)
})
