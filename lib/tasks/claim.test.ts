import { eq, sql } from 'drizzle-orm'
import { beforeEach, describe, expect, test } from 'vitest'
import { taskAttempts, tasks } from '@/drizzle/schema/runs'
import { nodes } from '@/drizzle/schema/runtimes'
import { nodeCredentials } from '@/drizzle/schema/vault'
import { connect } from '@/lib/db/client'
import { testDatabase } from '@/lib/db/test-database'
import { aFactory, aLinkedService, aNode, aRuntime, aTenant } from '@/lib/db/test-fixtures'
import type { LeasedTask, TaskSpec } from '@/lib/protocol/task'
import { claimTasks, returnClaims } from '@/lib/tasks/claim'
import { enqueueTasks, type NewTask } from '@/lib/tasks/enqueue'

const database = testDatabase({ commits: true })
let runtime: Awaited<ReturnType<typeof aRuntime>>
let node: Awaited<ReturnType<typeof aNode>>
let service: Awaited<ReturnType<typeof aLinkedService>>

beforeEach(async () => {
  const { db } = database
  runtime = await aRuntime(db, await aFactory(db, await aTenant(db)))
  node = await aNode(db, runtime)
  service = await aLinkedService(db, runtime)
})

function spec(): TaskSpec {
  const { id, name, address } = service
  const store = {
    linkedServiceId: id,
    linkedServiceName: name,
    runtimeId: runtime.id,
    address,
    credentialVersion: 1,
  }
  return { kind: 'browse', store, path: [] }
}
async function enqueue(count: number, more: Partial<NewTask> = {}): Promise<string[]> {
  const one: NewTask = { runtimeId: runtime.id, spec: spec(), ...more }
  return await database.db.transaction((tx) =>
    enqueueTasks(
      tx,
      Array.from({ length: count }, () => one),
    ),
  )
}
async function claim(by: { id: string } = node, places = { freeSlots: 8, freeInteractive: 8 }) {
  return await claimTasks(database.db, { nodeId: by.id, runtimeId: runtime.id, ...places })
}
const ids = (claimed: LeasedTask[]) => claimed.map(({ taskId }) => taskId)
const change = (set: Partial<typeof nodes.$inferInsert>) =>
  database.db.update(nodes).set(set).where(eq(nodes.id, node.id))

describe('claimTasks()', () => {
  test('hands out what was queued this very moment', async () => {
    await enqueue(1)
    const moments = Array.from({ length: 40 }, async () => {
      const { rows } = await database.db.execute<{ due: boolean }>(
        sql`update tasks set run_after = clock_timestamp() returning run_after <= clock_timestamp() as due`,
      )
      return rows[0]?.due
    })
    expect(await Promise.all(moments)).toEqual(moments.map(() => true))
  })

  test('hands a task to one of many nodes that ask at once, and never to two', async () => {
    const others = await Promise.all([1, 2, 3, 4].map(() => aNode(database.db, runtime)))
    const queued = await enqueue(20)
    const claims = await Promise.all([node, ...others, node, ...others].map((by) => claim(by)))
    const all = claims.flatMap(ids)
    expect(new Set(all).size).toBe(all.length)
    expect(all.every((id) => queued.includes(id))).toBe(true)
  })

  test('gives a short first lease, counts the attempt and notes who has it', async () => {
    await enqueue(1)
    const [task] = await claim()
    expect(task).toMatchObject({ attempt: 1, leaseMs: 20_000, spec: { kind: 'browse' } })
    const [attempt] = await database.db.select().from(taskAttempts)
    expect(attempt).toMatchObject({ nodeId: node.id, nodeName: node.name, epoch: task?.epoch, attempt: 1 })
    await database.db.execute(sql`update runtimes set lease_seconds = 5`)
    await enqueue(1)
    expect(await claim()).toMatchObject([{ leaseMs: 5_000 }])
  })

  test('grows the epoch beyond the last one and beyond the clock', async () => {
    const [id = ''] = await enqueue(1)
    const future = Date.now() + 3_600_000
    await database.db.update(tasks).set({ epoch: future }).where(eq(tasks.id, id))
    expect(await claim()).toMatchObject([{ epoch: future + 1 }])
    await enqueue(1)
    const [second] = await claim()
    expect(second?.epoch).toBeGreaterThan(Date.now() - 60_000)
  })

  test('takes what is urgent first, then in the order of the list', async () => {
    const late = await enqueue(2)
    const urgent = await enqueue(1, { priority: -1 })
    expect(ids(await claim())).toEqual([...urgent, ...late])
  })

  test('takes no more than a share, so that a copy spreads over the nodes with free slots', async () => {
    const other = await aNode(database.db, runtime)
    await enqueue(4)
    expect(await claim()).toHaveLength(2)
    expect(await claim(other)).toHaveLength(1)
    await change({ wish: 'cordoned' })
    expect(await claim(other)).toHaveLength(1)
  })

  test('takes no more than the node has slots, whatever two overlapping polls say', async () => {
    await enqueue(10)
    await claim()
    await claim()
    expect(await database.db.$count(tasks, eq(tasks.state, 'leased'))).toBe(node.slotsTotal)
  })

  test('keeps requests apart from copies', async () => {
    await enqueue(2)
    const asked = await enqueue(3, { interactive: true })
    expect(ids(await claim(node, { freeSlots: 0, freeInteractive: 2 }))).toEqual(asked.slice(0, 2))
    expect(await claim(node, { freeSlots: 1, freeInteractive: 0 })).toHaveLength(1)
  })

  test('leaves alone what must wait', async () => {
    await enqueue(1)
    await database.db.update(tasks).set({ runAfter: new Date(Date.now() + 60_000) })
    expect(await claim()).toEqual([])
  })

  test('takes what only this node may do, and nothing that is another one’s', async () => {
    const other = await aNode(database.db, runtime)
    await enqueue(1, { onlyNodeId: other.id })
    expect(await claim()).toEqual([])
    expect(await claim(other)).toHaveLength(1)
  })

  test('asks for the kind of task and for every type of store', async () => {
    const [taskKinds, storeTypes] = [node.capabilities.taskKinds, node.capabilities.storeTypes]
    await enqueue(1)
    await change({ capabilities: { taskKinds: taskKinds.filter((kind) => kind !== 'browse'), storeTypes } })
    expect(await claim()).toEqual([])
    await change({ capabilities: { taskKinds, storeTypes: ['FileServer'] } })
    expect(await claim()).toEqual([])
    await change({ capabilities: { taskKinds, storeTypes } })
    expect(await claim()).toHaveLength(1)
  })

  test('asks for every credential in the needed version or a newer one', async () => {
    await enqueue(1, { requiredCredentials: [{ linkedServiceId: service.id, version: 2 }] })
    expect(await claim()).toEqual([])
    const opened = { nodeId: node.id, linkedServiceId: service.id, openedAt: new Date() }
    await database.db.insert(nodeCredentials).values({ ...opened, version: 1 })
    expect(await claim()).toEqual([])
    await database.db.update(nodeCredentials).set({ version: 3, openedAt: null, error: 'wrong key' })
    expect(await claim()).toEqual([])
    await database.db.update(nodeCredentials).set({ openedAt: new Date(), error: null })
    expect(await claim()).toHaveLength(1)
  })

  test.each([
    ['cordoned', { wish: 'cordoned' as const }],
    ['draining', { wish: 'draining' as const }],
    ['quarantined', { quarantinedAt: new Date() }],
    ['removed', { removedAt: new Date() }],
  ])('gives nothing to a %s node', async (_, state) => {
    await enqueue(1)
    await change(state)
    expect(await claim()).toEqual([])
  })

  test('lets a cordoned node answer a question that names it, but take no copy', async () => {
    await enqueue(1, { onlyNodeId: node.id, interactive: true })
    await enqueue(1, { onlyNodeId: node.id })
    await change({ wish: 'cordoned' })
    expect(await claim()).toMatchObject([{ spec: { kind: 'browse' } }])
    expect(await claim()).toEqual([])
  })
})

test('returnClaims() puts back what a node never heard of, without counting the attempt', async () => {
  const [id = ''] = await enqueue(1)
  await returnClaims(database.db, await claim())
  const [row] = await database.db.select().from(tasks).where(eq(tasks.id, id))
  expect(row).toMatchObject({ state: 'queued', nodeId: null, attempt: 0 })
  expect(await claim()).toMatchObject([{ attempt: 1 }])
})

test('claimTasks() lets only its own commit not wait for the disk', async () => {
  await enqueue(1)
  await database.db.execute(
    sql`alter database ${sql.raw(new URL(database.url).pathname.slice(1))} set synchronous_commit = on`,
  )
  const alone = connect({ connectionString: database.url, max: 1 })
  const setting = async () =>
    (await alone.execute<{ now: string }>(sql`select current_setting('synchronous_commit') as now`)).rows
  try {
    expect(
      await claimTasks(alone, { nodeId: node.id, runtimeId: runtime.id, freeSlots: 1, freeInteractive: 0 }),
    ).toHaveLength(1)
    expect(await setting()).toEqual([{ now: 'on' }])
  } finally {
    await alone.$client.end()
  }
})
