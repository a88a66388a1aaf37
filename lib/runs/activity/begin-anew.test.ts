import { beforeEach, expect, test } from 'vitest'
import { testDatabase } from '@/lib/db/test-database'
import type { CopyPlan } from '@/lib/protocol/copy-plan'
import { cancelPipelineRun } from '@/lib/runs/cancel'
import { getRun } from '@/lib/runs/queries'
import { retryPipelineRun } from '@/lib/runs/retry'
import { RunView } from '@/lib/runs/schemas'
import { startPipelineRun } from '@/lib/runs/start'
import { aCopyWorld, aPartResult, aPlan, type CopyWorld, lookAt, PlayedNode } from '@/lib/runs/test-copy'

const database = testDatabase({ commits: true })
let world: CopyWorld
let node: PlayedNode
let runId: string

beforeEach(async () => {
  world = await aCopyWorld(database.db)
  node = new PlayedNode(world.db, world.nodes[0])
  runId = (await startPipelineRun(world.operator, { pipelineId: world.pipeline.id })).pipelineRunId
})

const look = () => lookAt(world.db, runId)
const resume = () => retryPipelineRun(world.operator, { pipelineRunId: runId, mode: 'resume' })
const replaced = {
  code: 'source_changed' as const,
  message: 'Table public.orders was emptied, rewritten or replaced',
}
/** Copies one of two parts; then the table is another one. */
async function copyUntilReplaced(plan: Partial<CopyPlan>) {
  await node.claim()
  await node.succeed({ kind: 'prepareCopy', result: aPlan(2, plan) })
  await node.take(2)
  await node.succeed({ kind: 'copyPart', result: aPartResult() })
  await node.fail('copyPart', replaced)
}
async function cleanUp(rowsLeft?: string) {
  await node.claim()
  await node.succeed({ kind: 'cleanUpCopy', result: { removed: [], ...(rowsLeft && { rowsLeft }) } })
}

test('a copy whose source was replaced begins anew when its run is resumed', async () => {
  await copyUntilReplaced({})
  expect(await look()).toMatchObject({ phase: 'cleaning' })
  await cleanUp()
  expect(await look()).toMatchObject({
    run: 'Failed',
    phase: 'ended',
    activity: { failure: { code: 'source_changed' } },
  })
  await resume()
  expect(await look()).toMatchObject({
    run: 'Queued',
    phase: 'preparing',
    tasks: ['prepareCopy queued'],
    activity: { plan: null, failure: null },
  })
  await node.doAll(3)
  const end = await look()
  expect(end).toMatchObject({ run: 'Succeeded' })
  expect(end.rows.filter(({ kind }) => kind === 'copyPart')).toHaveLength(3)
})

test('a copy that appends directly begins anew where no row had been committed', async () => {
  await copyUntilReplaced({ writesThrough: true })
  await cleanUp('0')
  expect((await getRun(world.reader, runId, RunView.parse({}))).activities).toMatchObject([
    { rowsLeft: '0', resumeRefusal: null },
  ])
  await resume()
  expect(await look()).toMatchObject({ run: 'Queued', phase: 'preparing' })
})

test.each([
  ['rows that it appended stay', '1000', /1,000 rows .* are in public\.orders already/],
  ['nobody knows what it appended', undefined, /not known how many rows/],
])('a copy that appends directly does not begin anew where %s', async (_, rowsLeft, says) => {
  await copyUntilReplaced({ writesThrough: true })
  await cleanUp(rowsLeft)
  const before = await look()
  await expect(resume()).rejects.toMatchObject({ code: 'conflict', message: expect.stringMatching(says) })
  expect(await look()).toEqual(before)
  const [activity] = (await getRun(world.reader, runId, RunView.parse({}))).activities
  expect(activity).toMatchObject({ rowsLeft: rowsLeft ?? null, resumeRefusal: 'appended' })
})

test('parts that no node ever had cannot have appended anything', async () => {
  await node.claim()
  await node.succeed({ kind: 'prepareCopy', result: aPlan(2, { writesThrough: true }) })
  await cancelPipelineRun(world.operator, { pipelineRunId: runId })
  await cleanUp()
  expect(await look()).toMatchObject({ run: 'Cancelled', phase: 'ended' })
  const run = await getRun(world.reader, runId, RunView.parse({}))
  expect(run.activities).toMatchObject([{ rowsLeft: null, resumeRefusal: null }])
  await resume()
  expect(await look()).toMatchObject({ run: 'Queued', phase: 'preparing' })
})
