import { eq, not } from 'drizzle-orm'
import { beforeEach, describe, expect, test } from 'vitest'
import { pipelineRuns, runLogs, runSamples, tasks } from '@/drizzle/schema/runs'
import { nodes } from '@/drizzle/schema/runtimes'
import { testDatabase } from '@/lib/db/test-database'
import { getNode } from '@/lib/nodes/queries'
import { getReceipts, getRun, getRunLog, listRuns } from '@/lib/runs/queries'
import { RunFilters, RunView } from '@/lib/runs/schemas'
import { startPipelineRun } from '@/lib/runs/start'
import { takeBackFrom } from '@/lib/tasks/sweep'
import { aCopyWorld, aPlan, aPartResult, type CopyWorld, PlayedNode } from '@/lib/runs/test-copy'

const database = testDatabase({ commits: true })
let world: CopyWorld
let node: PlayedNode
beforeEach(async () => {
  world = await aCopyWorld(database.db)
  node = new PlayedNode(world.db, world.nodes[0])
})

const start = async () =>
  (await startPipelineRun(world.operator, { pipelineId: world.pipeline.id })).pipelineRunId
const inOrder = (times: (string | null | undefined)[]) =>
  times.map(String).toSorted((a, b) => a.localeCompare(b))
const view = (change: object = {}) => RunView.parse(change)
const list = (change: object = {}) =>
  listRuns(world.reader, world.factory, { ...RunFilters.parse(change), limit: 2 })

describe('listRuns()', () => {
  test('pages by key, newest first, and sees no run twice', async () => {
    const ids = [await start(), await start(), await start(), await start(), await start()].toReversed()
    const seen: string[] = []
    let before: string | undefined
    do {
      const page = await list({ before })
      seen.push(...page.runs.map(({ id }) => id))
      expect(page.live).toBe(true)
      before = page.next ?? undefined
    } while (before)
    expect(seen).toEqual(ids)
  })

  test.each([
    { before: `1_${'-'.repeat(36)}` },
    { before: `1_${'f'.repeat(36)}` },
    { before: 'elsewhere' },
    { from: '0000-01-01T00:00:00Z' },
    { from: '0001-01-01T00:00:00+23:59' },
    { to: '9999-12-31T23:59:59-23:59' },
  ])('takes what an address cannot mean, %o, for nothing', async (odd) => {
    const id = await start()
    expect((await list(odd)).runs.map((run) => run.id)).toEqual([id])
  })

  test('filters by status, name and time, and leaves out what does not fit', async () => {
    await start()
    expect((await list({ status: 'Queued', pipeline: 'IGHT', range: '1h' })).runs).toHaveLength(1)
    expect((await list({ status: 'Failed' })).runs).toEqual([])
    expect((await list({ pipeline: '%' })).runs).toEqual([])
    expect((await list({ from: '2999-01-01T00:00:00Z' })).runs).toEqual([])
    expect((await list({ status: 'nonsense', before: 'x', range: ['1h'] })).runs).toHaveLength(1)
  })

  test('counts rows of receipts, and of samples until there is one', async () => {
    const running = await start()
    await node.claim()
    await node.succeed({ kind: 'prepareCopy', result: aPlan(1) })
    const { activities } = await getRun(world.reader, running, view())
    const [activity] = activities
    await world.db
      .insert(runSamples)
      .values({ activityRunId: activity?.id ?? '', at: new Date(), rows: 500, bytes: 50_000 })
    expect((await list()).runs).toMatchObject([
      { rows: '500', bytes: '50000', activities: { total: 1, ended: 0 } },
    ])
    await node.doAll(1)
    expect((await list()).runs).toMatchObject([{ status: 'Succeeded', rows: '3000', bytes: '297000' }])
  })
})

describe('getRun()', () => {
  test('shows progress, parts, attempts and nodes of a copy under way', async () => {
    const id = await start()
    await node.claim()
    await node.succeed({ kind: 'prepareCopy', result: aPlan(3, { writesThrough: true }) })
    await node.take(2)
    await node.succeed({ kind: 'copyPart', result: aPartResult({ rowsWritten: '900' }) })
    const run = await getRun(world.reader, id, view())
    expect(run).toMatchObject({
      status: 'InProgress',
      factoryName: world.factory.name,
      pipelineName: 'nightly',
      activities: [
        {
          phase: 'copying',
          source: { what: 'public.orders', linkedService: 'orders-db' },
          parts: { total: 3, succeeded: 1, running: 1, queued: 1 },
          progress: { rows: '900', totalRows: '2900', share: 900 / 2900 },
          guarantee: { promise: 'exactly-once', reason: 'ledger' },
          appendsDirectly: true,
        },
      ],
      shown: {
        parts: [{ index: 0, state: 'succeeded', rows: '900' }, { state: 'leased' }, { state: 'queued' }],
      },
      attempts: [
        { kind: 'prepareCopy', outcome: 'succeeded' },
        { kind: 'copyPart', partIndex: 0, outcome: 'succeeded' },
        { kind: 'copyPart', partIndex: 1, outcome: null, nodeId: world.nodes[0]?.id },
      ],
    })
    expect(run.nodes).toHaveLength(2)
    expect(run.sentence.map(({ text }) => text).join('')).toBe('Copying public.orders to public.orders.')
  })

  test('says which node is not heard while it holds parts, and until when they are its own', async () => {
    const id = await start()
    await node.claim()
    await node.succeed({ kind: 'prepareCopy', result: aPlan(3) })
    await node.take(2)
    const silent = async () => (await getRun(world.reader, id, view())).activities[0]?.silent
    expect(await silent()).toEqual([])
    const mine = eq(nodes.id, world.nodes[0]?.id ?? '')
    const before = new Date(Date.now() - 20_000)
    await world.db.update(nodes).set({ lastSeenAt: before }).where(mine)
    const rows = await world.db.select().from(tasks).where(eq(tasks.state, 'leased'))
    const leases = inOrder(rows.map((row) => row.leaseUntil?.toISOString()))
    expect(await silent()).toMatchObject([
      {
        nodeId: world.nodes[0]?.id,
        lastSeenAt: before.toISOString(),
        leaseUntil: leases[1],
        parts: 2,
        steps: 0,
        others: 1,
      },
    ])
    const seen = await getNode(world.reader, world.nodes[0]?.id ?? '')
    expect(inOrder(seen.tasks.map(({ movesAt }) => movesAt))).toEqual(leases)
    await world.db.update(nodes).set({ wish: 'cordoned' }).where(not(mine))
    expect(await silent()).toMatchObject([{ others: 0 }])
    await world.db.update(nodes).set({ lastSeenAt: new Date() }).where(mine)
    expect(await silent()).toEqual([])
  })

  test('says of a part how its last attempt that went wrong did', async () => {
    const id = await start()
    await node.claim()
    await node.succeed({ kind: 'prepareCopy', result: aPlan(1) })
    const trouble = async () => (await getRun(world.reader, id, view())).shown.parts[0]?.trouble
    await node.claim()
    expect(await trouble()).toBeNull()
    await takeBackFrom(world.db, world.nodes[0]?.id ?? '')
    expect(await trouble()).toEqual({ nodeName: world.nodes[0]?.name, message: null })
    await world.db.update(tasks).set({ runAfter: new Date(0) })
    const other = new PlayedNode(world.db, world.nodes[1])
    await other.claim()
    await other.fail('copyPart', { message: 'The disk is full' })
    expect(await trouble()).toEqual({ nodeName: world.nodes[1]?.name, message: 'The disk is full' })
  })

  test('ends with a receipt, and pages through thousands of parts', async () => {
    const id = await start()
    await node.claim()
    await node.succeed({ kind: 'prepareCopy', result: aPlan(250, { maxParallelParts: 256 }) })
    const first = await getRun(world.reader, id, view())
    expect(first.shown.parts.map(({ index }) => index)).toEqual(
      Array.from({ length: 100 }, (_, index) => index),
    )
    const last = await getRun(world.reader, id, view({ parts: '200' }))
    expect(last.shown.parts.map(({ index }) => index)).toEqual(
      Array.from({ length: 50 }, (_, index) => index + 200),
    )
    await world.db.delete(tasks)
    const done = await start()
    await node.doAll(2)
    const run = await getRun(world.reader, done, view())
    expect(run).toMatchObject({
      status: 'Succeeded',
      activities: [{ receipt: { rowsWritten: '3000' }, fileCount: 0 }],
    })
    expect(await getReceipts(world.reader, done)).toMatchObject([
      { activity: 'copy', receipt: { sinkDigest: 'abcd' } },
    ])
  })

  test('a failure comes with its remedy, and with what is kept until when', async () => {
    const id = await start()
    await node.claim()
    await node.succeed({ kind: 'prepareCopy', result: aPlan(1) })
    await node.claim()
    await node.fail('copyPart', { code: 'sink_full', message: 'No space left on device', side: 'sink' })
    const run = await getRun(world.reader, id, view())
    expect(run.activities[0]).toMatchObject({
      status: 'Failed',
      failure: { code: 'sink_full', remedy: expect.stringContaining('Free space') },
      keptUntil: expect.any(String),
    })
    expect(run.log).toMatchObject([{ level: 'error', message: 'No space left on device', activity: 'copy' }])
  })

  test('shows the log from a level on; the download has it all', async () => {
    const id = await start()
    const { activities } = await getRun(world.reader, id, view())
    const levels = ['debug', 'info', 'warn', 'error'] as const
    await world.db.insert(runLogs).values(
      levels.map((level) => ({
        activityRunId: activities[0]?.id ?? '',
        at: new Date(),
        level,
        message: level,
      })),
    )
    const shown = await getRun(world.reader, id, view({ level: 'warn' }))
    expect(shown.log.map(({ message }) => message)).toEqual(['warn', 'error'])
    expect(await getRunLog(world.reader, id)).toHaveLength(4)
  })
})

test('runs of another tenant, and addresses that name no run, do not exist', async () => {
  const id = await start()
  for (const read of [
    () => getRun(world.stranger, id, view()),
    () => getRunLog(world.stranger, id),
    () => getReceipts(world.stranger, id),
    () => getRun(world.reader, 'nonsense', view()),
  ])
    await expect(read()).rejects.toMatchObject({ code: 'not_found' })
  await expect(listRuns(world.stranger, world.factory, RunFilters.parse({}))).rejects.toMatchObject({
    code: 'forbidden',
  })
  expect(await world.db.$count(pipelineRuns)).toBe(1)
})
