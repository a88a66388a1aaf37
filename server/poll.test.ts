import { randomUUID } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { auditLog } from '@/drizzle/schema/audit'
import { taskAttempts, tasks } from '@/drizzle/schema/runs'
import { nodes, runtimes } from '@/drizzle/schema/runtimes'
import { detachNode } from '@/lib/nodes/detach'
import { enqueueTasks, type NewTask } from '@/lib/tasks/enqueue'
import { wake as tell, wakeRuntimes } from '@/lib/tasks/wake'
import { testChannel } from '@/server/test-channel'
import type { Answer, TestNode } from '@/server/test-node'

const world = testChannel()
const longHold = { holdMs: 30_000 }
const wake = () => wakeRuntimes([world.runtime.id])
const held = (count: number) => expect.poll(() => world.channel.heldCount).toBe(count)

async function enqueue(more: Partial<NewTask> = {}): Promise<string> {
  const runtimeId = world.runtime.id
  const store = {
    linkedServiceId: randomUUID(),
    linkedServiceName: 'files',
    runtimeId,
    address: { type: 'FileServer' as const, host: '/data' },
    credentialVersion: 0,
  }
  const task: NewTask = { runtimeId, spec: { kind: 'testConnection', store }, interactive: true, ...more }
  const [id = ''] = await world.db.transaction((tx) => enqueueTasks(tx, [task]))
  return id
}
async function claimsThatWait(): Promise<number> {
  const { rows } = await world.db.execute<{ count: number }>(
    // By its text: whatever else waits for the same table is none of them.
    sql`select count(*)::int from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
      and query like '%with claimant as materialized%'`,
  )
  return rows[0]?.count ?? 0
}
type Leased = { taskId: string; epoch: number }
const tasksOf = ({ body }: Answer) => (body as { tasks: Leased[] } | null)?.tasks ?? []
const row = async (taskId: string) => (await world.db.select().from(tasks).where(eq(tasks.id, taskId)))[0]
const done = { kind: 'testConnection' as const, result: { ok: true, steps: [] } }
const complete = (node: TestNode, { taskId, epoch }: Leased) =>
  node.call('complete', { taskId, epoch, outcome: { status: 'succeeded', output: done }, final: {} })

test('a node waits, is handed a task, renews it and completes it', async () => {
  const node = await world.enrol()
  const waiting = node.poll(longHold)
  await held(1)
  const taskId = await enqueue()
  wake()
  const answer = await waiting
  expect(answer.body).toMatchObject({
    tasks: [{ taskId, attempt: 1, leaseMs: 20_000, spec: { kind: 'testConnection' } }],
    wish: 'active',
  })
  const [leased = { taskId: '', epoch: 0 }] = tasksOf(answer)
  const renewed = await node.call('heartbeat', { tasks: [{ taskId, epoch: leased.epoch }] })
  expect(renewed.body).toMatchObject({
    leases: [{ taskId, epoch: leased.epoch, state: 'held', leaseMs: 60_000 }],
    intervalMs: 1500,
  })
  expect(await complete(node, leased)).toMatchObject({ status: 200, body: { accepted: true } })
  expect(await complete(node, leased)).toMatchObject({ status: 200, body: { accepted: true } })
  expect(await row(taskId)).toMatchObject({ state: 'succeeded', result: done })
})

describe('a held poll', () => {
  test('is answered with nothing when its time is over, and says what the node told', async () => {
    const node = await world.enrol()
    const resources = { cpuPercent: 7, memoryUsedBytes: '1', memoryTotalBytes: '2', agentMemoryBytes: '3' }
    expect(await node.poll({ slots: { total: 6, free: 5 }, resources })).toMatchObject({
      status: 204,
      body: null,
    })
    const [said] = await world.db.select().from(nodes)
    expect(said).toMatchObject({ slotsTotal: 6, slotsFree: 5, resources, lastPollAt: expect.any(Date) })
    expect(said?.incarnation).toBe(node.incarnation)
  })

  test('is found by the look at the queue every second, when nobody woke it', async () => {
    const node = await world.enrol()
    const waiting = node.poll(longHold)
    await held(1)
    const taskId = await enqueue()
    expect(tasksOf(await waiting)).toMatchObject([{ taskId }])
  })

  test('of a node that asks again is answered, and the new one counts', async () => {
    const node = await world.enrol()
    const old = node.poll(longHold)
    await held(1)
    const young = node.poll(longHold)
    expect(await old).toMatchObject({ status: 204 })
    await enqueue()
    wake()
    expect(tasksOf(await young)).toHaveLength(1)
  })

  test('that is overtaken while it takes a task still brings it', async () => {
    const node = await world.enrol()
    const old = node.poll(longHold)
    await held(1)
    const taskId = await enqueue()
    const polledAt = async () => (await world.db.select().from(nodes))[0]?.lastPollAt?.getTime() ?? 0
    const before = await polledAt()
    // A claim waits when it has taken its task and before it has noted that.
    await world.db.execute(sql`
      create function wait_here() returns trigger language plpgsql as
        'begin perform pg_advisory_xact_lock_shared(1); return new; end';
      create trigger wait_here before insert on task_attempts for each row execute function wait_here()`)
    const young = await world.db.transaction(async (tx) => {
      await tx.execute(sql`select pg_advisory_xact_lock(1)`)
      wake()
      await expect.poll(claimsThatWait).toBe(1)
      const overtaking = node.poll()
      await expect.poll(polledAt).toBeGreaterThan(before)
      return { overtaking }
    })
    expect(tasksOf(await old)).toMatchObject([{ taskId, attempt: 1 }])
    expect(tasksOf(await young.overtaking)).toEqual([])
    await world.db.execute(sql`drop function wait_here cascade`)
  })

  test('whose client is gone gives its tasks back', async () => {
    const node = await world.enrol()
    const gone = new AbortController()
    const waiting = node.call('poll', pollBody(node), { signal: gone.signal }).catch(() => null)
    await held(1)
    gone.abort()
    await waiting
    await held(0)
    const taskId = await enqueue()
    wake()
    expect(await row(taskId)).toMatchObject({ state: 'queued' })
    expect(tasksOf(await node.poll())).toHaveLength(1)
  })

  test('hears a new wish, a moved vault, and both only once', async () => {
    const node = await world.enrol()
    const waiting = node.poll({ ...longHold, wish: 'active' })
    await held(1)
    await world.db.update(nodes).set({ wish: 'cordoned' })
    wake()
    expect(await waiting).toMatchObject({ status: 200, body: { wish: 'cordoned', tasks: [] } })
    expect(await node.poll({ wish: 'cordoned' })).toMatchObject({ status: 204 })
    await world.db.update(runtimes).set({ vaultVersion: 2000 })
    expect(await node.poll({ wish: 'cordoned' })).toMatchObject({
      status: 200,
      body: { vaultVersion: '2000' },
    })
    expect(await node.poll({ wish: 'cordoned', vaultVersion: '2000' })).toMatchObject({ status: 204 })
  })

  test('hears a cancel at once, once more in case that answer was lost, and then no more', async () => {
    const node = await world.enrol()
    const taskId = await enqueue()
    const [leased = { taskId: '', epoch: 0 }] = tasksOf(await node.poll())
    const waiting = node.poll(longHold)
    await held(1)
    await world.db.update(tasks).set({ cancelRequestedAt: new Date() })
    wake()
    const told = { body: { cancels: [{ taskId, epoch: leased.epoch }] } }
    expect(await waiting).toMatchObject(told)
    expect(await node.poll()).toMatchObject(told)
    expect(await node.poll()).toMatchObject({ status: 204 })
    expect(await node.call('heartbeat', { tasks: [leased] })).toMatchObject({
      body: { leases: [{ state: 'cancel' }] },
    })
  })

  test('is told which snapshots no copy reads any more', async () => {
    const node = await world.enrol()
    const holds = [randomUUID()]
    expect(await node.poll({ holds })).toMatchObject({ status: 200, body: { releaseHolds: holds } })
  })

  test('of a removed node is refused at once, and its tasks move on', async () => {
    const node = await world.enrol()
    const taskId = await enqueue({ interactive: false })
    await node.poll()
    const waiting = node.poll(longHold)
    await held(1)
    const removed = { id: node.nodeId, runtimeId: world.runtime.id }
    tell(await world.db.transaction((tx) => detachNode(tx, removed, 'test')))
    expect(await waiting).toMatchObject({ status: 403, body: { error: { code: 'revoked' } } })
    expect(await row(taskId)).toMatchObject({ state: 'queued', nodeId: null })
  })

  test('of a deleted runtime is told that the node is unknown', async () => {
    const node = await world.enrol()
    const waiting = node.poll(longHold)
    await held(1)
    await world.db.delete(runtimes)
    wake()
    expect(await waiting).toMatchObject({ status: 401, body: { error: { code: 'unknown_node' } } })
  })

  test('is answered when the portal drains, and nothing new is taken', async () => {
    const node = await world.enrol()
    const waiting = node.poll(longHold)
    await held(1)
    await world.channel.drain()
    for (const answer of [await waiting, await node.poll(), await node.call('heartbeat', { tasks: [] })]) {
      expect(answer).toMatchObject({ status: 503, body: { error: { code: 'draining' } } })
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    }
  })
})

describe('one identity, two processes', () => {
  test('a process that begins anew gives up at once what the old one held', async () => {
    const node = await world.enrol()
    const [kept, lost] = [await enqueue({ interactive: false }), await enqueue({ interactive: false })]
    await node.poll()
    const [running] = [{ taskId: kept, epoch: (await row(kept))?.epoch ?? 0 }]
    await node.poll({ incarnation: randomUUID(), running: [running], slots: { total: 4, free: 0 } })
    expect(await row(kept)).toMatchObject({ state: 'leased' })
    expect(await row(lost)).toMatchObject({ state: 'queued' })
    const attempts = await world.db.select().from(taskAttempts).where(eq(taskAttempts.taskId, lost))
    expect(attempts).toMatchObject([{ outcome: 'lost' }])
  })

  test('two that live side by side are quarantined, shown and refused', async () => {
    const node = await world.enrol()
    const [one, two] = [randomUUID(), randomUUID()]
    await node.poll({ incarnation: one })
    await node.poll({ incarnation: two })
    expect(await node.poll({ incarnation: one })).toMatchObject({
      status: 409,
      body: { error: { code: 'conflict' } },
    })
    await world.db.update(nodes).set({ incarnationSince: new Date(Date.now() - 60_000) })
    for (const incarnation of [one, two])
      expect(await node.poll({ incarnation })).toMatchObject({
        status: 403,
        body: { error: { code: 'quarantined' } },
      })
    const entries = await world.db.select().from(auditLog).where(eq(auditLog.action, 'node.quarantined'))
    expect(entries).toHaveLength(1)
  })
})

function pollBody(node: TestNode) {
  return {
    slots: { total: 4, free: 4 },
    interactiveFree: 4,
    running: [],
    incarnation: node.incarnation,
    vaultVersion: '1000',
    holdMs: 30_000,
  }
}
