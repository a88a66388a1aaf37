import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { Client } from 'pg'
import { describe, expect, test, vi } from 'vitest'
import { activityRuns, pipelineRuns } from '@/drizzle/schema/runs'
import { nodes, runtimes } from '@/drizzle/schema/runtimes'
import { nodeCredentials, vaultWraps } from '@/drizzle/schema/vault'
import { aDataset, aLinkedService, aNode, aPipeline, aUser, first } from '@/lib/db/test-fixtures'
import { startPipelineRun } from '@/lib/runs/start'
import { enqueueTasks } from '@/lib/tasks/enqueue'
import { wake, wakeRuntimes } from '@/lib/tasks/wake'
import { testChannel } from '@/server/test-channel'
import { type Answer, TestNode } from '@/server/test-node'

const world = testChannel({ looks: false })
const longHold = { holdMs: 30_000 }
const held = (count: number) => expect.poll(() => world.channel.heldCount).toBe(count)
/** So many nodes as rows: their registration is not what is tested. */
async function fleet(count: number): Promise<TestNode[]> {
  const members: TestNode[] = []
  for (let index = 0; index < count; index += 1) {
    const node = new TestNode(world.origin)
    const { signingKey } = node.keys
    node.nodeId = (await aNode(world.db, world.runtime, { signingKey })).id
    members.push(node)
  }
  return members
}
const theRuntime = async () =>
  first(await world.db.select().from(runtimes).where(eq(runtimes.id, world.runtime.id)))
const tasksOf = ({ body }: Answer) =>
  (body as { tasks: { taskId: string; epoch: number }[] } | null)?.tasks ?? []

/** Ends the polls that are still held, so that the test need not wait for them. */
async function letGo(...waiting: Promise<Answer>[]): Promise<void> {
  await world.channel.drain()
  await Promise.all(waiting)
}

async function enqueueTest(): Promise<string> {
  const runtimeId = world.runtime.id
  const address = { type: 'FileServer' as const, host: '/data' }
  const store = {
    linkedServiceId: randomUUID(),
    linkedServiceName: 'files',
    runtimeId,
    address,
    credentialVersion: 0,
  }
  const task = { runtimeId, spec: { kind: 'testConnection' as const, store }, interactive: true }
  return first(await world.db.transaction((tx) => enqueueTasks(tx, [task])))
}

describe('a node that registers', () => {
  test('is told to the members that can admit it, and wakes nobody else', async () => {
    const [member, other] = (await fleet(2)) as [TestNode, TestNode]
    await world.db.update(runtimes).set({ vaultGeneration: 1 })
    await world.db.update(nodes).set({ vaultGeneration: 1 }).where(eq(nodes.id, member.nodeId))
    await world.db.insert(vaultWraps).values({
      runtimeId: world.runtime.id,
      generation: 1,
      nodeId: member.nodeId,
      enc: 'e',
      ciphertext: 'c',
    })
    const vaultVersion = String((await theRuntime()).vaultVersion)
    const [hers, his] = [member, other].map((node) => node.poll({ ...longHold, vaultVersion }))
    await held(2)
    await world.enrol()
    expect(await hers).toMatchObject({
      status: 200,
      body: { vaultVersion: String(Number(vaultVersion) + 1) },
    })
    expect(world.channel.heldCount).toBe(1)
    await letGo(...(his ? [his] : []))
  })

  test('moves no vault that is not there yet', async () => {
    const one = await world.enrol()
    const vaultVersion = String((await theRuntime()).vaultVersion)
    const waiting = one.poll({ ...longHold, vaultVersion })
    await held(1)
    await world.enrol()
    expect((await theRuntime()).vaultVersion).toBe(Number(vaultVersion))
    expect(world.channel.heldCount).toBe(1)
    await letGo(waiting)
  })
})

describe('of a fleet', () => {
  test('every node hears that the vault moved, each in its turn', async () => {
    const members = await fleet(52)
    const polls = members.map((node) => node.poll(longHold))
    await held(52)
    await world.db.update(runtimes).set({ vaultVersion: 2000 })
    wakeRuntimes([world.runtime.id])
    for (const answer of await Promise.all(polls))
      expect(answer).toMatchObject({ status: 200, body: { vaultVersion: '2000', tasks: [] } })
  })

  test('the one that may take a task gets it, however many others are asked before it', async () => {
    const members = await fleet(24)
    const chosen = first(members.slice(-1))
    const capabilities = { taskKinds: [], storeTypes: [] }
    await world.db.update(nodes).set({ capabilities })
    const able = { taskKinds: ['testConnection' as const], storeTypes: ['FileServer' as const] }
    await world.db.update(nodes).set({ capabilities: able }).where(eq(nodes.id, chosen.nodeId))
    const others = members.slice(0, -1).map((node) => node.poll(longHold))
    await held(23)
    const waiting = chosen.poll(longHold)
    await held(24)
    const taskId = await enqueueTest()
    wake([{ runtimeId: world.runtime.id, for: 'tasks' }])
    expect(tasksOf(await waiting)).toMatchObject([{ taskId }])
    expect(world.channel.heldCount).toBe(23)
    await letGo(...others)
  })

  test('a node hears a new wish, and no other is disturbed', async () => {
    const [one, other] = (await fleet(2)) as [TestNode, TestNode]
    const [waiting, undisturbed] = [one, other].map((node) => node.poll({ ...longHold, wish: 'active' }))
    await held(2)
    await world.db.update(nodes).set({ wish: 'cordoned' })
    wake([{ runtimeId: world.runtime.id, for: 'nodes', nodeIds: [one.nodeId] }])
    expect(await waiting).toMatchObject({ body: { wish: 'cordoned' } })
    expect(world.channel.heldCount).toBe(1)
    await letGo(...(undisturbed ? [undisturbed] : []))
  })
})

describe('from "run" to the node starting', () => {
  test('the database is asked seldom, and the run counts as begun after the node has its lease', async () => {
    const [node] = (await fleet(1)) as [TestNode]
    const { ctx, pipelineId } = await aPipelineFor(node)
    // Its key is known from its first request on.
    await node.poll()
    const waiting = node.poll(longHold)
    await held(1)
    const queries = vi.spyOn(Client.prototype, 'query')
    const { pipelineRunId } = await startPipelineRun(ctx, { pipelineId })
    const forTheCommand = queries.mock.calls.length
    const [task = { taskId: '', epoch: 0 }] = tasksOf(await waiting)
    const forTheAnswer = queries.mock.calls.length - forTheCommand
    queries.mockClear()
    const renewed = await node.call('heartbeat', { tasks: [task] })
    const [caller, renewal, ...afterwards] = queries.mock.calls.map(textOf)
    queries.mockRestore()
    expect(renewed.body).toMatchObject({ leases: [{ taskId: task.taskId, state: 'held' }] })
    // begin, scope, pipeline, definitions, three inserts, three for the audit log, commit; then news and claim.
    expect({ forTheCommand, forTheAnswer }).toEqual({ forTheCommand: 11, forTheAnswer: 2 })
    expect(caller).toContain('node_nonces')
    expect(renewal).toContain('lease_until')
    expect(afterwards[0] ?? 'begin').toBe('begin')
    const status = async () =>
      (await world.db.select().from(pipelineRuns).where(eq(pipelineRuns.id, pipelineRunId)))[0]?.status
    await expect.poll(status).toBe('InProgress')
    expect(first(await world.db.select().from(activityRuns))).toMatchObject({
      status: 'InProgress',
      startedAt: expect.any(Date),
    })
  })
})

function textOf([query]: unknown[]): string {
  if (typeof query === 'string') return query
  return query !== null && typeof query === 'object' && 'text' in query ? String(query.text) : ''
}

/** A copy that the node has all credentials for, and somebody who may start it. */
async function aPipelineFor(node: TestNode) {
  const { db, runtime, tenantId } = world
  const stores = [await aLinkedService(db, runtime), await aLinkedService(db, runtime)]
  for (const { id } of stores)
    await db
      .insert(nodeCredentials)
      .values({ nodeId: node.nodeId, linkedServiceId: id, version: 1, openedAt: new Date() })
  const [source, sink] = [await aDataset(db, first(stores)), await aDataset(db, first(stores.slice(1)))]
  const pipeline = await aPipeline(db, { source, sink })
  return { ctx: { actor: await aUser(db, tenantId, 'Operator'), db }, pipelineId: pipeline.id }
}
