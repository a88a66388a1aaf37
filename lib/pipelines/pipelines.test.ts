import { desc, eq } from 'drizzle-orm'
import { beforeEach, describe, expect, test } from 'vitest'
import { auditLog } from '@/drizzle/schema/audit'
import { pipelines } from '@/drizzle/schema/authoring'
import { testDatabase } from '@/lib/db/test-database'
import { aFactory, aPipeline } from '@/lib/db/test-fixtures'
import { deletePipeline } from '@/lib/pipelines/delete'
import { getPipeline, listPipelineNames, listPipelines } from '@/lib/pipelines/queries'
import { savePipeline } from '@/lib/pipelines/save'
import { startPipelineRun } from '@/lib/runs/start'
import { aCopyWorld, type CopyWorld } from '@/lib/runs/test-copy'

const database = testDatabase()
let world: CopyWorld
beforeEach(async () => {
  world = await aCopyWorld(database.db)
})

function request(change: Record<string, unknown> = {}) {
  return { factoryId: world.factory.id, name: 'weekly', definition: world.pipeline.definition, ...change }
}
const failureOf = async (change: Record<string, unknown>) =>
  await savePipeline(world.owner, request(change)).catch((error: unknown) => error)

describe('savePipeline()', () => {
  test('creates, then changes and renames it, with an audit row each', async () => {
    const { pipelineId } = await savePipeline(world.owner, request())
    const definition = { ...world.pipeline.definition, description: 'Every Sunday' }
    await savePipeline(world.owner, request({ pipelineId, name: 'sundays', definition }))
    const [row] = await world.db.select().from(pipelines).where(eq(pipelines.id, pipelineId))
    expect(row).toMatchObject({ name: 'sundays', definition: { description: 'Every Sunday' } })
    const audit = await world.db.select().from(auditLog).orderBy(desc(auditLog.seq))
    expect(audit.map(({ action }) => action)).toEqual(['pipeline.updated', 'pipeline.created'])
    expect(audit[0]?.before).toMatchObject({ name: 'weekly' })
  })

  test('is refused to operators, and does not exist for strangers', async () => {
    await expect(savePipeline(world.operator, request())).rejects.toMatchObject({ code: 'forbidden' })
    await expect(savePipeline(world.stranger, request())).rejects.toMatchObject({ code: 'not_found' })
  })

  test('puts problems at their place in the JSON', async () => {
    const [activity] = world.pipeline.definition.activities
    const nowhere = [{ referenceName: 'nowhere', type: 'DatasetReference' }]
    expect(await failureOf({ definition: { activities: [{ ...activity, inputs: nowhere }] } })).toMatchObject(
      {
        code: 'invalid_input',
        fields: {
          'definition.activities.0': [
            'Cannot run the activity "copy": its input dataset "nowhere" does not exist. Create it, or name another one in the pipeline',
          ],
        },
      },
    )
    expect(await failureOf({ definition: { activities: [{ ...activity, type: 'Lookup' }] } })).toMatchObject({
      fields: { 'definition.activities.0.type': ['Only copy activities ("Copy") can run here'] },
    })
    expect(await failureOf({ definition: { activities: [activity, activity] } })).toMatchObject({
      fields: { 'definition.activities.1.name': ['Another activity is called "copy" already'] },
    })
    expect(await failureOf({ name: 'NIGHTLY' })).toMatchObject({
      code: 'conflict',
      fields: { name: [expect.any(String)] },
    })
  })

  test('does not overwrite what somebody else has changed, nor what is in another factory', async () => {
    const pipelineId = world.pipeline.id
    const basedOn = new Date(world.pipeline.updatedAt.getTime() - 1000).toISOString()
    expect(await failureOf({ pipelineId, basedOn })).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('Somebody else has changed the pipeline "nightly"'),
    })
    const { id } = await aFactory(world.db, world.tenantId)
    expect(
      await failureOf({ pipelineId, factoryId: id, definition: world.pipeline.definition }),
    ).toMatchObject({
      code: 'invalid_input',
    })
  })
})

describe('deletePipeline()', () => {
  test('asks for the name, keeps the runs, and is audited', async () => {
    const pipelineId = world.pipeline.id
    const { pipelineRunId } = await startPipelineRun(world.operator, { pipelineId })
    await expect(deletePipeline(world.owner, { pipelineId, confirmName: 'night' })).rejects.toMatchObject({
      code: 'invalid_input',
    })
    await expect(deletePipeline(world.reader, { pipelineId, confirmName: 'nightly' })).rejects.toMatchObject({
      code: 'forbidden',
    })
    await deletePipeline(world.owner, { pipelineId, confirmName: 'nightly' })
    expect(await world.db.$count(pipelines)).toBe(0)
    const [entry] = await world.db.select().from(auditLog).orderBy(desc(auditLog.seq)).limit(1)
    expect(entry).toMatchObject({ action: 'pipeline.deleted', entityName: 'nightly' })
    expect(pipelineRunId).toBeTruthy()
  })
})

test('listPipelineNames() finds a name in whatever case, and first of those that begin so', async () => {
  await aPipeline(world.db, { source: world.from, sink: world.to }, { name: 'nightly-2' })
  expect(await listPipelineNames(world.reader, world.factory, 'NIGHT')).toEqual(['nightly', 'nightly-2'])
  expect(await listPipelineNames(world.reader, world.factory, 'nightly-')).toEqual(['nightly-2'])
  expect(await listPipelineNames(world.reader, world.factory, '%')).toEqual([])
})

test('listPipelines() and getPipeline() show the newest run and the datasets, to those who may read', async () => {
  const { pipelineRunId } = await startPipelineRun(world.operator, { pipelineId: world.pipeline.id })
  expect(await listPipelines(world.reader, world.factory)).toMatchObject({
    rows: [{ name: 'nightly', activityCount: 1, lastRun: { id: pipelineRunId, status: 'Queued' } }],
    next: null,
    total: 1,
  })
  expect(await getPipeline(world.reader, world.factory, 'NIGHTLY')).toMatchObject({
    name: 'nightly',
    datasets: [
      { name: 'orders', linkedServiceName: 'orders-db' },
      { name: 'orders-copy', linkedServiceName: 'lake-db' },
    ],
  })
  await expect(listPipelines(world.stranger, world.factory)).rejects.toMatchObject({ code: 'forbidden' })
  await expect(getPipeline(world.reader, world.factory, 'x')).rejects.toMatchObject({ code: 'not_found' })
})

async function page(query: { after?: string; q?: string }) {
  const { rows, ...rest } = await listPipelines(world.reader, world.factory, { size: 2, ...query })
  return { names: rows.map(({ name }) => name), ...rest }
}

test('listPipelines() goes on after a name, finds by any part of it, and takes signs of LIKE as they stand', async () => {
  for (const name of ['alpha', 'Bravo-1', 'charlie']) await savePipeline(world.owner, request({ name }))
  expect(await page({})).toEqual({ names: ['alpha', 'Bravo-1'], next: 'Bravo-1', total: 4 })
  expect(await page({ after: 'bravo-1' })).toEqual({ names: ['charlie', 'nightly'], next: null, total: 4 })
  expect(await page({ q: 'PHA' })).toEqual({ names: ['alpha'], next: null, total: 1 })
  expect(await page({ q: 'ORDERS-C' })).toMatchObject({ names: ['alpha', 'Bravo-1'], total: 4 })
  expect(await page({ q: '_' })).toEqual({ names: [], next: null, total: 0 })
})
