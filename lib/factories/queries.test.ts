import { beforeEach, describe, expect, test } from 'vitest'
import { activityRuns, pipelineRuns, tasks } from '@/drizzle/schema/runs'
import { nodes } from '@/drizzle/schema/runtimes'
import { testDatabase } from '@/lib/db/test-database'
import { aFactory, aLinkedService, aNode, aRuntime, aTenant, aUser, first } from '@/lib/db/test-fixtures'
import {
  getFactoryByName,
  getFactoryOverview,
  listFactories,
  listFactorySummaries,
} from '@/lib/factories/queries'
import type { Role } from '@/lib/permissions'
import type { RunStatus } from '@/lib/runs/schemas'

const database = testDatabase()
const state = { tenantId: '' }
beforeEach(async () => {
  state.tenantId = await aTenant(database.db)
})
const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000)

async function contextOf(role: Role | null, factoryRoles: Record<string, Role> = {}) {
  const actor = await aUser(database.db, state.tenantId, role)
  return { actor: { ...actor, factoryRoles }, db: database.db }
}

async function found(q: string) {
  return (await listFactorySummaries(await contextOf('Reader'), { q })).rows.map(({ name }) => name)
}

type RunValues = {
  status: RunStatus
  pipelineName?: string
  startedAt?: Date
  endedAt?: Date | null
  queuedAt?: Date
}
async function aRun(factoryId: string, { pipelineName = 'nightly', ...values }: RunValues) {
  const ended = { Queued: null, InProgress: null, Canceling: null }
  return first(
    await database.db
      .insert(pipelineRuns)
      .values({
        tenantId: state.tenantId,
        factoryId,
        pipelineName,
        definition: { activities: [] } as never,
        invokedBy: { type: 'Manual', userId: null, name: 'Ann' },
        endedAt: values.status in ended ? null : ago(1),
        ...values,
      })
      .returning(),
  )
}

describe('listFactories()', () => {
  test('shows a user with roles in single factories these only', async () => {
    const mine = await aFactory(database.db, state.tenantId, { name: 'beta' })
    await aFactory(database.db, state.tenantId, { name: 'Alpha' })
    const names = async (ctx: Awaited<ReturnType<typeof contextOf>>) =>
      (await listFactories(ctx)).rows.map(({ name }) => name)
    expect(await names(await contextOf('Reader'))).toEqual(['Alpha', 'beta'])
    expect(await names(await contextOf(null, { [mine.id]: 'Operator' }))).toEqual(['beta'])
    expect(await listFactories(await contextOf('Reader'), { size: 1 })).toMatchObject({
      rows: [{ name: 'Alpha' }],
      total: 2,
    })
  })
})

describe('getFactoryByName()', () => {
  test('finds it in any case, and not in another tenant', async () => {
    const { id } = await aFactory(database.db, state.tenantId, { name: 'Plant-7' })
    expect(await getFactoryByName(await contextOf('Reader'), 'plant-7')).toMatchObject({
      id,
      name: 'Plant-7',
    })
    state.tenantId = await aTenant(database.db)
    await expect(getFactoryByName(await contextOf('Owner'), 'plant-7')).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})

describe('listFactorySummaries()', () => {
  test('counts nodes by how they stand, and runs', async () => {
    const { db } = database
    const factory = await aFactory(db, state.tenantId, { name: 'plant-7' })
    const [quay, yard] = [await aRuntime(db, factory), await aRuntime(db, factory)]
    await aNode(db, quay)
    await aNode(db, quay, { lastSeenAt: ago(10) })
    await aNode(db, yard, { lastSeenAt: ago(1) })
    await aNode(db, yard, { removedAt: new Date() })
    for (const status of ['InProgress', 'Queued', 'Failed', 'Succeeded'] as const)
      await aRun(factory.id, { status })
    await aRun(factory.id, { status: 'Failed', endedAt: ago(60 * 25) })
    const {
      rows: [summary],
    } = await listFactorySummaries(await contextOf('Reader'))
    expect(summary).toMatchObject({
      health: { online: 1, limited: 1, offline: 1 },
      runningRuns: 2,
      failedRuns: 1,
      contents: { runtimes: 2, nodes: 3, runs: 5, activeRuns: 2 },
    })
  })

  test('goes on after a name, and counts only what may be seen', async () => {
    const { db } = database
    const made = []
    for (const name of ['plant-a', 'Plant-B', 'plant-c'])
      made.push(await aFactory(db, state.tenantId, { name }))
    const roles = Object.fromEntries(made.slice(1).map(({ id }) => [id, 'Reader' as const]))
    const few = await contextOf(null, roles)
    const first = await listFactorySummaries(few, { size: 1 })
    expect(first).toMatchObject({ rows: [{ name: 'Plant-B' }], next: 'Plant-B', total: 2 })
    const second = await listFactorySummaries(few, { size: 1, after: 'Plant-B' })
    expect(second).toMatchObject({ rows: [{ name: 'plant-c' }], next: null, total: 2 })
  })

  test('filters by name, description and tag, taking words literally', async () => {
    const { db } = database
    await aFactory(db, state.tenantId, { name: 'plant-7', tags: { site: 'Kiel' } })
    await aFactory(db, state.tenantId, { name: 'plant-8', description: '100 % harbour' })
    expect(await found('PLANT')).toEqual(['plant-7', 'plant-8'])
    expect(await found('kiel')).toEqual(['plant-7'])
    expect(await found('100 %')).toEqual(['plant-8'])
    expect(await found('_')).toEqual([])
  })
})

const endIn = ({ id }: { id: string }) => ({ store: { linkedServiceId: id } })

describe('getFactoryOverview()', () => {
  test('adds up the last day', async () => {
    const { db } = database
    const { id } = await aFactory(db, state.tenantId)
    const run = await aRun(id, { status: 'Succeeded' })
    const activity = {
      tenantId: state.tenantId,
      pipelineRunId: run.id,
      ordinal: 0,
      name: 'Copy',
      spec: {} as never,
    }
    await db
      .insert(activityRuns)
      .values({ ...activity, endedAt: ago(1), receipt: { rowsWritten: '3000000' } as never })
    await aRun(id, { status: 'InProgress' })
    const overview = await getFactoryOverview(await contextOf('Reader'), id)
    expect(overview).toMatchObject({
      nodes: { online: 0, total: 0 },
      runningRuns: 1,
      lastDay: { rows: '3000000', succeeded: 1, failed: 0 },
    })
    expect(overview.lastDay.hourly.rows).toHaveLength(24)
    expect(overview.lastDay.hourly.rows.at(-1)).toBe(3_000_000)
    expect(overview.lastDay.hourly.failed).toEqual(Array.from({ length: 24 }, () => 0))
    expect(overview.latestRuns).toHaveLength(2)
    expect(JSON.parse(JSON.stringify(overview))).toEqual(overview)
  })

  test('names what needs attention, the gravest first, each with its remedy', async () => {
    const { db } = database
    const factory = await aFactory(db, state.tenantId)
    const titles = async () =>
      (await getFactoryOverview(await contextOf('Reader'), factory.id)).attention.map(({ title }) => title)
    expect(await titles()).toEqual(['This factory has no integration runtime'])

    const runtime = await aRuntime(db, factory, { name: 'quay' })
    expect(await titles()).toEqual(['Integration runtime quay has no node'])

    const node = await aNode(db, runtime, { name: 'quay-a', lastSeenAt: ago(5) })
    await db
      .insert(tasks)
      .values({ runtimeId: runtime.id, kind: 'copyPart', spec: {} as never, runAfter: ago(5) })
    expect(await titles()).toEqual(['Node quay-a of quay is offline', 'Tasks wait on quay'])

    await aRun(factory.id, { status: 'Failed', pipelineName: 'nightly' })
    expect(await titles()).toContain('Run of nightly failed')
    await aRun(factory.id, {
      status: 'Succeeded',
      pipelineName: 'nightly',
      queuedAt: new Date(Date.now() + 1000),
    })
    expect(await titles()).not.toContain('Run of nightly failed')

    await db.delete(tasks)
    await db.update(nodes).set({ lastSeenAt: new Date() })
    expect(await titles()).toEqual([])
    expect(node.name).toBe('quay-a')
  })

  test('counts a run in every hour that it was under way', async () => {
    const { id } = await aFactory(database.db, state.tenantId)
    const over = { startedAt: ago(150), endedAt: ago(70) }
    await aRun(id, { status: 'Succeeded', ...over })
    await aRun(id, { status: 'InProgress', startedAt: ago(30) })
    const { lastDay } = await getFactoryOverview(await contextOf('Reader'), id)
    expect(lastDay.hourly.running.slice(-4)).toEqual([0, 1, 1, 1])
  })

  test('draws what moves and what cannot be reached, and says so', async () => {
    const { db } = database
    const factory = await aFactory(db, state.tenantId)
    const runtime = await aRuntime(db, factory, { name: 'quay' })
    const node = await aNode(db, runtime, { name: 'quay-a', lastSeenAt: new Date() })
    const source = await aLinkedService(db, runtime, { name: 'warehouse', credentialVersion: 0 })
    const sink = await aLinkedService(db, runtime, { name: 'mart', credentialVersion: 0 })
    const task = {
      runtimeId: runtime.id,
      nodeId: node.id,
      kind: 'copyPart' as const,
      spec: { kind: 'copyPart', copy: { source: endIn(source), sink: endIn(sink) } } as never,
    }
    const failure = {
      code: 'sink_unreachable' as const,
      message: 'Cannot reach 10.2.0.14:5432: connection refused',
      side: 'sink' as const,
      retryable: true,
    }
    await db.insert(tasks).values({ ...task, state: 'failed', failure, endedAt: ago(1) })
    const states = async () => {
      const { map } = await getFactoryOverview(await contextOf('Reader'), factory.id)
      return Object.fromEntries(map.links.map(({ storeId, state }) => [storeId, state]))
    }
    expect(await states()).toEqual({ [source.id]: 'idle', [sink.id]: 'failing' })
    const { attention } = await getFactoryOverview(await contextOf('Reader'), factory.id)
    expect(attention).toContainEqual(
      expect.objectContaining({
        title: 'mart cannot be reached from quay-a',
        target: { kind: 'linkedService', linkedService: 'mart' },
      }),
    )
    await db.insert(tasks).values({ ...task, state: 'leased' })
    expect(await states()).toEqual({ [source.id]: 'flowing', [sink.id]: 'flowing' })
  })

  test('says of a failed run what failed and what to do', async () => {
    const { db } = database
    const { id } = await aFactory(db, state.tenantId)
    const run = await aRun(id, { status: 'Failed' })
    const activity = {
      tenantId: state.tenantId,
      pipelineRunId: run.id,
      ordinal: 0,
      name: 'Copy',
      spec: {} as never,
    }
    const failure = {
      code: 'login_failed' as const,
      message: 'The server refused the password of "reader"',
      retryable: false,
    }
    await db.insert(activityRuns).values({ ...activity, status: 'Failed', failure })
    const { attention } = await getFactoryOverview(await contextOf('Reader'), id)
    expect(attention[0]?.remedy).toBe(
      'The server refused the password of "reader". Enter the user name and the password of the linked service again.',
    )
  })
})
