import { desc, eq, sql } from 'drizzle-orm'
import { beforeEach, describe, expect, test } from 'vitest'
import { auditLog } from '@/drizzle/schema/audit'
import { tasks } from '@/drizzle/schema/runs'
import { nodeCredentials } from '@/drizzle/schema/vault'
import { testDatabase } from '@/lib/db/test-database'
import { aFactory, aLinkedService, aNode, aRuntime, aTenant, aUser } from '@/lib/db/test-fixtures'
import { wakeAnswers } from '@/lib/interactive/answer-wake'
import { cancelInteractive } from '@/lib/interactive/cancel'
import { getInteractiveAnswer, waitForInteractiveAnswer } from '@/lib/interactive/queries'
import { requestBrowse } from '@/lib/interactive/request-browse'
import { requestConnectionTest } from '@/lib/interactive/request-connection-test'
import { requestDescribe } from '@/lib/interactive/request-describe'
import { requestPreview } from '@/lib/interactive/request-preview'
import { sweepInteractive } from '@/lib/interactive/sweep'
import type { Role } from '@/lib/permissions'
import { TaskSpec } from '@/lib/protocol/task'

const database = testDatabase()
let world: Awaited<ReturnType<typeof makeWorld>>
beforeEach(async () => {
  world = await makeWorld()
})

async function makeWorld() {
  const { db } = database
  const tenantId = await aTenant(db)
  const runtime = await aRuntime(db, await aFactory(db, tenantId), { name: 'plant-7' })
  const a = await aNode(db, runtime, { name: 'plant-7-a' })
  const b = await aNode(db, runtime, { name: 'plant-7-b' })
  const store = await aLinkedService(db, runtime, { name: 'orders-db' })
  for (const { id } of [a, b])
    await db
      .insert(nodeCredentials)
      .values({ nodeId: id, linkedServiceId: store.id, version: 1, openedAt: new Date() })
  const as = async (role: Role | null) => ({ actor: await aUser(db, tenantId, role), db })
  return { db, tenantId, runtime, a, b, store, as, asker: await as('Contributor') }
}

const item = { kind: 'table' as const, schema: 'public', table: 'orders' }
const browse = () => requestBrowse(world.asker, { linkedServiceId: world.store.id, path: ['public'] })

async function change(taskId: string, values: Partial<typeof tasks.$inferInsert>) {
  await world.db.update(tasks).set(values).where(eq(tasks.id, taskId))
}

describe('requests', () => {
  test('requestConnectionTest() asks each node by itself and leaves an audit row', async () => {
    await aNode(world.db, world.runtime, { removedAt: new Date() })
    const { tests } = await requestConnectionTest(world.asker, { linkedServiceId: world.store.id })
    expect(tests.map(({ nodeName }) => nodeName)).toEqual(['plant-7-a', 'plant-7-b'])
    const rows = await world.db.select().from(tasks).orderBy(tasks.id)
    expect(rows).toMatchObject(
      [world.a, world.b].map(({ id }) => ({
        kind: 'testConnection',
        interactive: true,
        onlyNodeId: id,
        requestedBy: world.asker.actor.userId,
        requiredCredentials: [{ linkedServiceId: world.store.id, version: 1 }],
      })),
    )
    const [audit] = await world.db.select().from(auditLog).orderBy(desc(auditLog.seq)).limit(1)
    expect(audit).toMatchObject({ action: 'linkedService.tested', entityName: 'orders-db' })
  })

  test('each puts a spec into the queue that a node understands', async () => {
    const linkedServiceId = world.store.id
    await browse()
    await requestDescribe(world.asker, { linkedServiceId, item })
    const requestId = crypto.randomUUID()
    await requestPreview(world.asker, { linkedServiceId, item, recipientKey: 'k'.repeat(43), requestId })
    const rows = await world.db.select().from(tasks).orderBy(tasks.id)
    expect(rows.map(({ spec }) => TaskSpec.parse(spec))).toMatchObject([
      { kind: 'browse', path: ['public'], store: { linkedServiceName: 'orders-db', credentialVersion: 1 } },
      { kind: 'describe', item },
      { kind: 'preview', limit: 10, requestId },
    ])
  })

  test('a preview is audited by what was looked at', async () => {
    const linkedServiceId = world.store.id
    const request = { linkedServiceId, recipientKey: 'k', requestId: crypto.randomUUID() }
    await requestPreview(world.asker, { ...request, item })
    await requestPreview(world.asker, { ...request, item: { kind: 'query', query: "select 'canary'" } })
    const rows = await world.db.select().from(auditLog).orderBy(auditLog.seq)
    expect(rows.map(({ after }) => after)).toEqual([
      { rows: 10, of: 'table public.orders' },
      { rows: 10, of: 'a query' },
    ])
  })

  test('need their permission, and a store of the own tenant', async () => {
    const linkedServiceId = world.store.id
    const operator = await world.as('Operator')
    await requestConnectionTest(operator, { linkedServiceId })
    const preview = { linkedServiceId, item, recipientKey: 'k', requestId: crypto.randomUUID() }
    await expect(requestPreview(operator, preview)).rejects.toMatchObject({ code: 'forbidden' })
    const reader = await world.as('Reader')
    await expect(requestBrowse(reader, { linkedServiceId, path: [] })).rejects.toMatchObject({
      code: 'forbidden',
    })
    const stranger = { actor: await aUser(world.db, await aTenant(world.db), 'Owner'), db: world.db }
    await expect(requestDescribe(stranger, { linkedServiceId, item })).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  test('a flood of them is stopped', async () => {
    for (let asked = 0; asked < 100; asked += 1) await browse()
    await expect(browse()).rejects.toMatchObject({ code: 'rate_limited' })
  })
})

describe('getInteractiveAnswer()', () => {
  test('tells the story of a request: waiting, asking, answered', async () => {
    const { taskId } = await browse()
    expect(await getInteractiveAnswer(world.asker, taskId)).toMatchObject({
      state: 'waiting',
      runtimeName: 'plant-7',
      nodes: [
        { name: 'plant-7-a', hindrance: '' },
        { name: 'plant-7-b', hindrance: '' },
      ],
    })
    await change(taskId, { state: 'leased', nodeId: world.b.id, startedAt: new Date() })
    expect(await getInteractiveAnswer(world.asker, taskId)).toMatchObject({
      state: 'asking',
      nodeName: 'plant-7-b',
    })
    const output = { kind: 'browse' as const, result: { items: [], truncated: false } }
    await change(taskId, { state: 'succeeded', result: output, endedAt: new Date() })
    expect(await getInteractiveAnswer(world.asker, taskId)).toMatchObject({
      state: 'answered',
      nodeName: 'plant-7-b',
      output,
    })
  })

  test('gives up at once where waiting cannot help, and names the nodes', async () => {
    await world.db.update(nodeCredentials).set({ openedAt: null, error: 'the ciphertext does not open' })
    const { taskId } = await browse()
    expect(await getInteractiveAnswer(world.asker, taskId)).toMatchObject({
      state: 'failed',
      failure: {
        message:
          'No node of "plant-7" could answer: "plant-7-a" cannot open the credential: the ciphertext does not open; "plant-7-b" cannot open the credential: the ciphertext does not open',
      },
    })
  })

  test('says after 60 s that no node is online, and since when', async () => {
    const now = Date.now()
    const { taskId } = await browse()
    await world.db.execute(sql`update nodes set last_seen_at = ${new Date(now - 7_200_000).toISOString()}`)
    const waiting = await getInteractiveAnswer(world.asker, taskId)
    expect(waiting).toMatchObject({
      state: 'waiting',
      nodes: [{ hindrance: 'is offline: it was last heard 2 h ago' }, {}],
    })
    await change(taskId, { createdAt: new Date(now - 61_000) })
    expect(await getInteractiveAnswer(world.asker, taskId)).toMatchObject({
      state: 'failed',
      failure: {
        code: 'timeout',
        message:
          'No node of "plant-7" is online: "plant-7-a" is offline: it was last heard 2 h ago; "plant-7-b" is offline: it was last heard 2 h ago. Start the agent, then try again',
      },
    })
  })

  test('is for who asked, and for nobody else', async () => {
    const { taskId } = await browse()
    const colleague = await world.as('Owner')
    await expect(getInteractiveAnswer(colleague, taskId)).rejects.toMatchObject({ code: 'not_found' })
    const { factoryRoles: _roles, ...actor } = world.asker.actor
    const demoted = { ...world.asker, actor: { ...actor, factoryRoles: {}, tenantRole: null } }
    await expect(getInteractiveAnswer(demoted, taskId)).rejects.toMatchObject({ code: 'forbidden' })
  })
})

describe('waitForInteractiveAnswer()', () => {
  test('answers what the page has not seen at once, and else when the task is woken', async () => {
    const { taskId } = await browse()
    const signal = new AbortController().signal
    const wait = (seen: 'waiting' | null, holdMs: number) =>
      waitForInteractiveAnswer(world.asker, taskId, { seen, holdMs, signal })
    expect(await wait(null, 60_000)).toMatchObject({ state: 'waiting' })
    expect(await wait('waiting', 0)).toMatchObject({ state: 'waiting' })
    const answer = wait('waiting', 60_000)
    await change(taskId, { state: 'leased', nodeId: world.a.id })
    wakeAnswers([taskId])
    expect(await answer).toMatchObject({ state: 'asking', nodeName: 'plant-7-a' })
  })

  test('ends when the browser goes away', async () => {
    const { taskId } = await browse()
    const leaving = new AbortController()
    const answer = waitForInteractiveAnswer(world.asker, taskId, {
      seen: 'waiting',
      holdMs: 60_000,
      signal: leaving.signal,
    })
    leaving.abort()
    expect(await answer).toMatchObject({ state: 'waiting' })
  })
})

test('cancelInteractive() ends what is queued, stops what runs, and leaves the requests of others', async () => {
  const queued = await browse()
  const running = await browse()
  await change(running.taskId, { state: 'leased', nodeId: world.a.id })
  const taskIds = [queued.taskId, running.taskId]
  expect(await cancelInteractive(await world.as('Owner'), { taskIds })).toEqual({ cancelled: 0 })
  expect(await cancelInteractive(world.asker, { taskIds })).toEqual({ cancelled: 2 })
  const rows = await world.db.select().from(tasks).orderBy(tasks.id)
  expect(rows.map(({ state, cancelRequestedAt }) => [state, cancelRequestedAt !== null])).toEqual([
    ['cancelled', true],
    ['leased', true],
  ])
  expect(await getInteractiveAnswer(world.asker, queued.taskId)).toMatchObject({
    state: 'failed',
    failure: { code: 'cancelled' },
  })
})

test('sweepInteractive() ends the unanswered, forgets the answered, and leaves the rest', async () => {
  const [old, fresh, answered, kept] = [await browse(), await browse(), await browse(), await browse()]
  await change(old.taskId, { createdAt: new Date(Date.now() - 61_000) })
  const past = new Date(Date.now() - 360_000)
  await change(answered.taskId, { state: 'succeeded', endedAt: past })
  await change(kept.taskId, { state: 'succeeded', endedAt: new Date() })
  expect(await sweepInteractive(world.db)).toEqual({ ended: 1, forgotten: 1 })
  const rows = await world.db.select({ id: tasks.id, state: tasks.state }).from(tasks).orderBy(tasks.id)
  expect(rows).toEqual([
    { id: old.taskId, state: 'failed' },
    { id: fresh.taskId, state: 'queued' },
    { id: kept.taskId, state: 'succeeded' },
  ])
})
