import { eq } from 'drizzle-orm'
import { beforeEach, describe, expect, test } from 'vitest'
import { activityRuns, runLogs, taskAttempts, tasks } from '@/drizzle/schema/runs'
import { nodes } from '@/drizzle/schema/runtimes'
import { testDatabase } from '@/lib/db/test-database'
import { first } from '@/lib/db/test-fixtures'
import { cancelPipelineRun } from '@/lib/runs/cancel'
import { retryPipelineRun } from '@/lib/runs/retry'
import { startPipelineRun } from '@/lib/runs/start'
import { sweepRuns } from '@/lib/runs/sweep'
import {
  aCopyWorld,
  aPartResult,
  aPlan,
  aReceipt,
  type CopyWorld,
  lookAt,
  PlayedNode,
} from '@/lib/runs/test-copy'
import { onWake, type Wake } from '@/lib/tasks/wake'

const database = testDatabase({ commits: true })
let world: CopyWorld
let node: PlayedNode
let other: PlayedNode
let runId: string

beforeEach(async () => {
  world = await aCopyWorld(database.db)
  node = new PlayedNode(world.db, world.nodes[0])
  other = new PlayedNode(world.db, world.nodes[1])
  runId = (await startPipelineRun(world.operator, { pipelineId: world.pipeline.id })).pipelineRunId
})

const look = () => lookAt(world.db, runId)
const prepared = (parts: number) => ({ kind: 'prepareCopy' as const, result: aPlan(parts) })
const part = { kind: 'copyPart' as const, result: aPartResult() }
const published = { kind: 'publishCopy' as const, result: aReceipt() }
const cleaned = { kind: 'cleanUpCopy' as const, result: { removed: [] } }

describe('a copy', () => {
  test('goes from prepare over its parts, shared by two nodes, to publish and its receipt', async () => {
    expect(await look()).toMatchObject({ run: 'Queued', phase: 'preparing', tasks: ['prepareCopy queued'] })
    await node.claim()
    await node.succeed(prepared(4))
    expect(await look()).toMatchObject({ run: 'InProgress', phase: 'copying' })
    await node.take(2)
    await other.take(2)
    for (const each of [node, other, node, other]) await each.succeed(part)
    await other.claim()
    expect(other.held).toMatchObject([
      { spec: { kind: 'publishCopy', results: [{ index: 0 }, {}, {}, { index: 3 }] } },
    ])
    await other.succeed(published)
    expect(await look()).toMatchObject({
      run: 'Succeeded',
      phase: 'ended',
      activity: { receipt: { rowsWritten: '3000' }, plan: { guarantee: 'exactly-once' } },
    })
  })

  test('without rows publishes at once', async () => {
    await node.doAll(0)
    expect(await look()).toMatchObject({
      run: 'Succeeded',
      tasks: ['prepareCopy succeeded', 'publishCopy succeeded'],
    })
  })

  test('keeps to the limit of its plan', async () => {
    await node.claim()
    await node.succeed({ kind: 'prepareCopy', result: aPlan(3, { maxParallelParts: 1 }) })
    expect((await look()).tasks).toEqual(['prepareCopy succeeded', 'copyPart queued'])
    await node.claim()
    await node.succeed(part)
    expect((await look()).tasks.slice(1)).toEqual(['copyPart succeeded', 'copyPart queued'])
  })

  test('that cannot be prepared cleans up and fails with the reason', async () => {
    await node.claim()
    await node.fail('prepareCopy', { code: 'type_unsupported', message: 'Column "geo" cannot be held' })
    expect(await look()).toMatchObject({ phase: 'cleaning', run: 'Queued' })
    await node.claim()
    await node.succeed(cleaned)
    expect(await look()).toMatchObject({ run: 'Failed', activity: { failure: { code: 'type_unsupported' } } })
    expect(await world.db.select().from(runLogs)).toMatchObject([{ message: 'Column "geo" cannot be held' }])
  })

  test('tries a retryable failure again, and lets the last one stand', async () => {
    await node.claim()
    await node.fail('prepareCopy', { code: 'source_unreachable', retryable: true })
    expect((await look()).rows).toMatchObject([{ state: 'queued', attempt: 1, maxAttempts: 6 }])
    await world.db.update(tasks).set({ failedAttempts: 5, runAfter: new Date(0) })
    await node.claim()
    await node.fail('prepareCopy', { code: 'source_unreachable', retryable: true })
    expect((await look()).activity.failure).toMatchObject({ code: 'source_unreachable' })
  })
})

describe('a failed part', () => {
  beforeEach(async () => {
    await node.claim()
    await node.succeed(prepared(4))
    await node.take(2)
    await other.take(2)
    await other.succeed(part)
    await node.fail('copyPart', { code: 'sink_full', message: 'No space left', side: 'sink' })
  })

  test('stops the others, and what is finished is kept for a resume', async () => {
    const [stopping] = (await look()).rows.filter(({ state }) => state === 'leased')
    expect(stopping?.cancelRequestedAt).not.toBeNull()
    expect(await look()).toMatchObject({ run: 'InProgress', phase: 'copying' })
    await node.stop('copyPart')
    await other.stop('copyPart')
    expect(await look()).toMatchObject({
      run: 'Failed',
      phase: 'kept',
      activity: { failure: { code: 'sink_full' } },
    })
  })

  test('resumes under the same id: the finished part stays, the others run again under newer epochs', async () => {
    await node.stop('copyPart')
    await other.stop('copyPart')
    const before = await look()
    await retryPipelineRun(world.operator, { pipelineRunId: runId, mode: 'resume' })
    const after = await look()
    expect(after).toMatchObject({
      run: 'Queued',
      phase: 'copying',
      activity: { failure: null, endedAt: null },
    })
    expect(after.tasks.toSorted()).toEqual([
      'copyPart queued',
      'copyPart queued',
      'copyPart queued',
      'copyPart succeeded',
      'prepareCopy succeeded',
    ])
    await node.doAll(4)
    const end = await look()
    expect(end).toMatchObject({ run: 'Succeeded', activity: { id: before.activity.id } })
    expect(end.rows.filter(({ kind }) => kind === 'copyPart')).toHaveLength(4)
    const epochs = await world.db.select({ id: taskAttempts.taskId }).from(taskAttempts)
    expect(epochs.length).toBe(1 + 4 + 3 + 1)
  })

  test('refuses to resume where the sink now points elsewhere', async () => {
    await node.stop('copyPart')
    await other.stop('copyPart')
    const { spec } = (await look()).activity
    const { address } = spec.sink.store
    const moved = { ...address, host: 'elsewhere' }
    await world.db.update(activityRuns).set({
      spec: {
        ...spec,
        sink: { ...spec.sink, store: { ...spec.sink.store, address: moved } },
      },
    })
    await expect(
      retryPipelineRun(world.operator, { pipelineRunId: runId, mode: 'resume' }),
    ).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('now points elsewhere (changed: host)'),
    })
  })

  test('kept parts are removed by a person, or after a day; a resume then begins at the first row', async () => {
    await node.stop('copyPart')
    await other.stop('copyPart')
    await sweepRuns(world.db)
    expect((await look()).phase).toBe('kept')
    await world.db.update(activityRuns).set({ endedAt: new Date(Date.now() - 25 * 3_600_000) })
    expect(await sweepRuns(world.db)).toEqual([{ runtimeId: world.runtime.id, for: 'tasks' }])
    expect(await look()).toMatchObject({ run: 'Failed', phase: 'cleaning' })
    await expect(retryPipelineRun(world.operator, { pipelineRunId: runId, mode: 'resume' })).rejects.toThrow(
      /is being removed/,
    )
    await node.claim()
    await node.succeed(cleaned)
    expect(await look()).toMatchObject({ run: 'Failed', phase: 'ended' })
    await retryPipelineRun(world.operator, { pipelineRunId: runId, mode: 'resume' })
    expect(await look()).toMatchObject({ run: 'Queued', phase: 'preparing', tasks: ['prepareCopy queued'] })
    await node.doAll(2)
    expect((await look()).run).toBe('Succeeded')
  })

  test('a corrupted copy is not kept', async () => {
    await node.stop('copyPart')
    await other.succeed(part)
    await retryPipelineRun(world.operator, { pipelineRunId: runId, mode: 'resume' })
    await node.take(2)
    await node.succeed(part)
    await node.succeed(part)
    await node.claim()
    await node.fail('publishCopy', { code: 'verification_failed', message: 'Digests differ' })
    expect(await look()).toMatchObject({
      phase: 'cleaning',
      activity: { failure: { code: 'verification_failed' } },
    })
  })
})

describe('cancelPipelineRun()', () => {
  test('ends a run that no node has begun at once', async () => {
    await cancelPipelineRun(world.operator, { pipelineRunId: runId })
    expect(await look()).toMatchObject({ run: 'Cancelled', phase: 'ended', tasks: ['prepareCopy cancelled'] })
  })

  test('tells nodes, waits for them, and cleans up', async () => {
    await node.claim()
    await node.succeed(prepared(4))
    await node.take(2)
    const heard: Wake[] = []
    const stop = onWake((wakes) => heard.push(...wakes))
    await cancelPipelineRun(world.operator, { pipelineRunId: runId }).finally(stop)
    const holder = first(world.nodes).id
    expect(new Set(heard.flatMap((one) => (one.for === 'nodes' ? one.nodeIds : one.for)))).toEqual(
      new Set([holder]),
    )
    expect(await look()).toMatchObject({
      run: 'Canceling',
      tasks: [
        'prepareCopy succeeded',
        'copyPart leased',
        'copyPart leased',
        'copyPart cancelled',
        'copyPart cancelled',
      ],
    })
    await node.stop('copyPart')
    await node.succeed(part)
    expect(await look()).toMatchObject({ run: 'Canceling', phase: 'cleaning' })
    await node.claim()
    await node.succeed(cleaned)
    expect(await look()).toMatchObject({ run: 'Cancelled', phase: 'ended', activity: { failure: null } })
  })

  test('does not hide that a copy was published after all', async () => {
    await node.claim()
    await node.succeed(prepared(1))
    await node.claim()
    await node.succeed(part)
    await node.claim()
    await cancelPipelineRun(world.operator, { pipelineRunId: runId })
    await node.succeed(published)
    expect(await look()).toMatchObject({ run: 'Succeeded', phase: 'ended' })
  })
})

describe('sweepRuns()', () => {
  test('gives up a clean-up that no node takes, and says what stays', async () => {
    await node.claim()
    await node.fail('prepareCopy')
    await world.db
      .update(tasks)
      .set({ createdAt: new Date(Date.now() - 2 * 3_600_000) })
      .where(eq(tasks.kind, 'cleanUpCopy'))
    await sweepRuns(world.db)
    expect(await look()).toMatchObject({ run: 'Failed', phase: 'ended' })
    const log = await world.db.select({ message: runLogs.message }).from(runLogs).orderBy(runLogs.id)
    expect(log.at(-1)?.message).toContain('in lake-db could not be removed: no node could take the clean-up')
  })

  test('fails what waits for the folder of a removed node', async () => {
    const [first] = world.nodes
    await world.db.update(tasks).set({ onlyNodeId: first?.id ?? null })
    await world.db
      .update(nodes)
      .set({ removedAt: new Date() })
      .where(eq(nodes.id, first?.id ?? ''))
    await sweepRuns(world.db)
    expect((await look()).activity.failure).toMatchObject({ code: 'node_removed' })
  })
})
