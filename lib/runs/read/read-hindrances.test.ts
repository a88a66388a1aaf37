import { eq } from 'drizzle-orm'
import { beforeEach, expect, test } from 'vitest'
import { datasets, linkedServices, pipelines } from '@/drizzle/schema/authoring'
import { testDatabase } from '@/lib/db/test-database'
import { aRuntime } from '@/lib/db/test-fixtures'
import { getRun } from '@/lib/runs/queries'
import { retryPipelineRun } from '@/lib/runs/retry'
import { RunView } from '@/lib/runs/schemas'
import { startPipelineRun } from '@/lib/runs/start'
import { aCopyWorld, type CopyWorld, PlayedNode } from '@/lib/runs/test-copy'

const database = testDatabase({ commits: true })
let world: CopyWorld
let pipelineRunId: string
beforeEach(async () => {
  world = await aCopyWorld(database.db)
  const node = new PlayedNode(world.db, world.nodes[0])
  const started = await startPipelineRun(world.operator, { pipelineId: world.pipeline.id })
  pipelineRunId = started.pipelineRunId
  expect(await read()).toEqual({ resume: null, restart: null })
  await node.claim()
  await node.fail('prepareCopy', { code: 'not_found' })
  await node.claim()
  await node.succeed({ kind: 'cleanUpCopy', result: { removed: [] } })
  expect(await read()).toEqual({ resume: null, restart: null })
})

const read = async () => (await getRun(world.reader, pipelineRunId, RunView.parse({}))).hindrances

/** What the page says beforehand is what the attempt would say. */
async function expectRefused(mode: 'resume' | 'restart', why: RegExp | null) {
  const said = (await read())[mode]
  if (why === null) {
    expect(said).toBeNull()
    return
  }
  expect(said).toMatch(why)
  await expect(retryPipelineRun(world.operator, { pipelineRunId, mode })).rejects.toThrow(said ?? '')
}

async function forgetStore() {
  await world.db.delete(datasets).where(eq(datasets.linkedServiceId, world.sink.id))
  await world.db.delete(linkedServices).where(eq(linkedServices.id, world.sink.id))
}

test('a deleted store is named for both ways of retrying, with what to do', async () => {
  await forgetStore()
  await expectRefused('resume', /linked service "lake-db" was deleted\. Start a new run instead$/)
  await expectRefused('restart', /output dataset "orders-copy" does not exist\. Create it, or/)
})

test('a store that moved to another runtime can only be used by a new run, where both ends moved', async () => {
  const elsewhere = await aRuntime(world.db, world.factory)
  const move = (id: string) =>
    world.db.update(linkedServices).set({ runtimeId: elsewhere.id }).where(eq(linkedServices.id, id))
  await move(world.sink.id)
  await expectRefused('resume', /"lake-db" now connects via another integration runtime/)
  await expectRefused('restart', /let both connect via the same one$/)
  await move(world.source.id)
  await expectRefused('restart', null)
})

test('a pipeline that was deleted is run from what the run remembers; one that was changed, as it is now', async () => {
  const { definition } = world.pipeline
  const [activity] = definition.activities
  if (!activity) throw new Error('The pipeline copies something')
  const inputs = [{ referenceName: 'nowhere', type: 'DatasetReference' as const }]
  await world.db
    .update(pipelines)
    .set({ definition: { ...definition, activities: [{ ...activity, inputs }] } })
    .where(eq(pipelines.id, world.pipeline.id))
  await expectRefused('resume', null)
  await expectRefused('restart', /input dataset "nowhere" does not exist/)
  await world.db.delete(pipelines).where(eq(pipelines.id, world.pipeline.id))
  await expectRefused('restart', null)
})
