import { eq, sql } from 'drizzle-orm'
import { beforeEach, describe, expect, test } from 'vitest'
import { activityRuns, runLogs, runSamples, taskAttempts, tasks } from '@/drizzle/schema/runs'
import { testDatabase } from '@/lib/db/test-database'
import { first } from '@/lib/db/test-fixtures'
import type { LeasedTask, RunningTask, TaskOutcome } from '@/lib/protocol/task'
import { startPipelineRun } from '@/lib/runs/start'
import { aCopyWorld, aPartResult, aPlan, type CopyWorld, PlayedNode } from '@/lib/runs/test-copy'
import { completeTask } from '@/lib/tasks/complete'
import { renewLeases } from '@/lib/tasks/renew'
import { sampleActivities } from '@/lib/tasks/report'
import { sweepLapsedTasks, takeBackFrom } from '@/lib/tasks/sweep'

const database = testDatabase({ commits: true })
let world: CopyWorld
let node: CopyWorld['nodes'][number]
let other: CopyWorld['nodes'][number]
/** A part in the hands of `node`. */
let held: { taskId: string; epoch: number }
let begun: typeof held

beforeEach(async () => {
  world = await aCopyWorld(database.db)
  node = first(world.nodes)
  other = first(world.nodes.slice(1))
  await startPipelineRun(world.operator, { pipelineId: world.pipeline.id })
  const player = new PlayedNode(world.db, node)
  await player.claim()
  await player.succeed({ kind: 'prepareCopy', result: aPlan(1) })
  held = idOf(await player.claim())
  begun = held
})

const renew = (by = node, more: Partial<RunningTask> = {}) =>
  renewLeases(world.db, by.id, { tasks: [{ ...held, committing: false, log: [], ...more }] })
const lapse = () => world.db.update(tasks).set({ leaseUntil: new Date(Date.now() - 1_000) })
const sweep = () => sweepLapsedTasks(world.db, 0)
const row = async () => first(await world.db.select().from(tasks).where(eq(tasks.id, held.taskId)))
const due = () =>
  world.db
    .update(tasks)
    .set({ runAfter: sql`now()` })
    .where(eq(tasks.state, 'queued'))
const complete = (outcome: TaskOutcome, by = node, epoch = held.epoch) =>
  completeTask(
    world.db,
    { nodeId: by.id, name: by.name },
    { taskId: held.taskId, epoch, outcome, final: { log: [] } },
  )
const succeeded: TaskOutcome = {
  status: 'succeeded',
  output: { kind: 'copyPart', result: aPartResult() },
}
const failed = (retryable: boolean): TaskOutcome => ({
  status: 'failed',
  failure: { code: 'source_unreachable', message: 'Nobody listens', retryable },
})
const fencedOff: TaskOutcome = {
  status: 'failed',
  failure: { code: 'fenced', message: 'The lease lapsed before the commit', retryable: false },
}
const claimBy = async (by: typeof node) => {
  await due()
  return idOf(await new PlayedNode(world.db, by).claim())
}
/** Lets the task lapse and another node take it over. */
async function takeOver() {
  await lapse()
  await sweep()
  return await claimBy(other)
}
const idOf = (claimed: LeasedTask[]) => {
  const { taskId, epoch } = first(claimed)
  return { taskId, epoch }
}
const progress = (rows: string) => ({ phase: 'copying' as const, rows, bytes: `${rows}0` })

describe('renewLeases()', () => {
  test('renews for the length of the runtime, and keeps progress', async () => {
    const { leases, active } = await renew(node, { progress: progress('500') })
    expect(leases).toEqual([{ ...held, state: 'held', leaseMs: 60_000 }])
    const { activityRunId } = await row()
    expect(active).toEqual([activityRunId])
    expect(await row()).toMatchObject({ state: 'leased', progress: { rows: '500' } })
    await sampleActivities(world.db, active)
    await sampleActivities(world.db, active)
    const samples = await world.db.select().from(runSamples)
    expect(samples.length).toBeLessThanOrEqual(2)
    expect(samples[0]).toMatchObject({ rows: 500, bytes: 5000 })
  })

  test('fences whoever asks with an older epoch, another node, or for a task that is over', async () => {
    const fenced = { leases: [{ state: 'fenced', leaseMs: 0 }] }
    expect(await renew(other)).toMatchObject(fenced)
    const taken = await takeOver()
    expect(taken.epoch).toBeGreaterThan(held.epoch)
    expect(await renew()).toMatchObject(fenced)
    await expect(complete(succeeded)).rejects.toMatchObject({ code: 'fenced' })
    expect(await row()).toMatchObject({ state: 'leased', nodeId: other.id })
  })

  test('gives a lapsed task back to its owner as long as nobody took it', async () => {
    await lapse()
    expect(await renew()).toMatchObject({ leases: [{ state: 'held' }] })
    await lapse()
    await sweep()
    expect(await row()).toMatchObject({ state: 'queued', nodeId: null, lostAttempts: 1 })
    expect(await renew()).toMatchObject({ leases: [{ state: 'held' }] })
    expect(await row()).toMatchObject({ state: 'leased', nodeId: node.id, lostAttempts: 0 })
  })

  test('does not give back what the node itself handed back', async () => {
    await complete({ status: 'released' })
    expect(await renew()).toMatchObject({ leases: [{ state: 'fenced' }] })
  })

  test('tells a cancel with the renewal', async () => {
    await world.db.update(tasks).set({ cancelRequestedAt: new Date() })
    expect(await renew()).toMatchObject({ leases: [{ state: 'cancel', leaseMs: 60_000 }] })
  })

  test('keeps "committing" until the task is over', async () => {
    await renew(node, { committing: true })
    await renew()
    expect(await row()).toMatchObject({ state: 'committing' })
  })
})

describe('completeTask()', () => {
  test('takes the same end twice and acts on it once', async () => {
    await complete(succeeded)
    const before = await world.db.select().from(tasks)
    await complete(succeeded)
    expect(await world.db.select().from(tasks)).toEqual(before)
    expect(await row()).toMatchObject({ state: 'succeeded', progress: { rows: '1000', bytes: '99000' } })
  })

  test('takes the end of a lapsed task that nobody took', async () => {
    await lapse()
    await sweep()
    await complete(succeeded)
    expect(await row()).toMatchObject({ state: 'succeeded' })
  })

  test('refuses an unknown task, another node and a result of another kind', async () => {
    await expect(complete(succeeded, other)).rejects.toMatchObject({ code: 'fenced' })
    await expect(complete(succeeded, node, held.epoch + 1)).rejects.toMatchObject({ code: 'fenced' })
    const wrong = { kind: 'cleanUpCopy' as const, result: { removed: [] } }
    await expect(complete({ status: 'succeeded', output: wrong })).rejects.toMatchObject({
      code: 'malformed',
    })
    expect(await row()).toMatchObject({ state: 'leased' })
  })

  test('tries a retryable failure again a little later, and lets the last one stand', async () => {
    await world.db.update(tasks).set({ maxAttempts: 2 })
    await complete(failed(true))
    expect(await row()).toMatchObject({
      state: 'queued',
      nodeId: null,
      failure: { message: 'Nobody listens' },
    })
    await due()
    held = idOf(await new PlayedNode(world.db, node).claim())
    await complete(failed(true))
    expect(await row()).toMatchObject({ state: 'failed', attempt: 2 })
  })

  test('does not count lost nodes against the attempts, not even where progress forgave them', async () => {
    await world.db.update(tasks).set({ maxAttempts: 2 })
    held = await takeOver()
    await renew(other, { progress: progress('500') })
    held = await takeOver()
    await complete(failed(true), other)
    expect(await row()).toMatchObject({ state: 'queued', attempt: 3, failedAttempts: 1, lostAttempts: 1 })
  })

  test('counts a lapsed task that failed after all as failed, not as lost', async () => {
    await lapse()
    await sweep()
    await complete(failed(true))
    expect(await row()).toMatchObject({ state: 'queued', failedAttempts: 1, lostAttempts: 0 })
  })

  test('counts an attempt that was fenced as lost, once, and does not give it back to its node', async () => {
    await world.db.update(tasks).set({ maxAttempts: 1 })
    await lapse()
    await sweep()
    await complete(fencedOff)
    await complete(fencedOff)
    expect(await row()).toMatchObject({ state: 'queued', failedAttempts: 0, lostAttempts: 1 })
    expect(await renew()).toMatchObject({ leases: [{ state: 'fenced' }] })
  })

  test('ends a task that is fenced again and again, and says what to look at', async () => {
    for (let lost = 1; lost < 5; lost += 1) {
      await complete(fencedOff)
      held = await claimBy(node)
    }
    await complete(fencedOff)
    expect(await row()).toMatchObject({ state: 'failed', failedAttempts: 0, lostAttempts: 5 })
    const { failure } = await row()
    expect(failure).toMatchObject({ code: 'poison', retryable: false })
    expect(failure?.message).toMatch(
      /· blocks 0–99" was lost 5 times .* by "[^"]+": The lease lapsed before the commit.* resume the run/,
    )
  })

  test('does not count a hand-back, and a stop that nobody asked for is one', async () => {
    await complete({ status: 'cancelled' })
    expect(await row()).toMatchObject({ state: 'queued', attempt: 0 })
    const [attempt] = await world.db.select().from(taskAttempts).where(eq(taskAttempts.taskId, held.taskId))
    expect(attempt).toMatchObject({ outcome: 'released' })
  })

  test('ends what was to be cancelled, however the node ends it', async () => {
    await world.db.update(tasks).set({ cancelRequestedAt: new Date() })
    await complete(failed(true))
    expect(await row()).toMatchObject({ state: 'cancelled' })
  })
})

describe('sweepLapsedTasks()', () => {
  test('leaves a living lease alone, and one within the grace', async () => {
    await sweep()
    await lapse()
    await sweepLapsedTasks(world.db, 30)
    expect(await row()).toMatchObject({ state: 'leased' })
  })

  test('puts a lapsed task back, soon to be taken, and says so in the log', async () => {
    await lapse()
    expect(await sweep()).toEqual([{ runtimeId: world.runtime.id, for: 'tasks' }])
    const { state, runAfter, lostAttempts } = await row()
    expect({ state, lostAttempts }).toEqual({ state: 'queued', lostAttempts: 1 })
    expect(runAfter.getTime()).toBeLessThan(Date.now() + 2_000)
    expect(await world.db.select().from(runLogs)).toMatchObject([
      { level: 'warn', nodeName: node.name, message: expect.stringContaining('blocks 0–99" goes back') },
    ])
  })

  test('puts a task back that was committing, because its next attempt can see what happened', async () => {
    await renew(node, { committing: true })
    await lapse()
    await sweep()
    expect(await row()).toMatchObject({ state: 'queued' })
  })

  test('stops a task that cost five nodes at the same place, and the copy with it', async () => {
    for (let lost = 0; lost < 4; lost += 1) {
      await renew(lost === 0 ? node : other, { progress: progress('1') })
      await renew(lost === 0 ? node : other, { progress: progress('500') })
      held = await takeOver()
    }
    await lapse()
    await sweep()
    expect(await row()).toMatchObject({ state: 'failed', failure: { code: 'poison' }, lostAttempts: 5 })
    expect((await row()).failure?.message).toContain(`the last time by "${other.name}": it stopped answering`)
    const [activity] = await world.db.select().from(activityRuns)
    expect(activity).toMatchObject({ failure: { code: 'poison' } })
  })

  test('forgives lost nodes where the task got further than ever before', async () => {
    for (const rows of ['100', '100', '200']) {
      await renew(held.epoch === begun.epoch ? node : other, { progress: progress(rows) })
      held = await takeOver()
    }
    expect(await row()).toMatchObject({ state: 'leased', lostAttempts: 1 })
  })

  test('ends a lapsed task that was to be cancelled', async () => {
    await world.db.update(tasks).set({ cancelRequestedAt: new Date() })
    await lapse()
    await sweep()
    expect(await row()).toMatchObject({ state: 'cancelled' })
  })
})

test('takeBackFrom() moves what a node held, except what it says it still runs', async () => {
  await takeBackFrom(world.db, node.id, [held.taskId])
  expect(await row()).toMatchObject({ state: 'leased' })
  await takeBackFrom(world.db, node.id)
  expect(await row()).toMatchObject({ state: 'queued' })
})
