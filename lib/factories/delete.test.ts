import { expect, test } from 'vitest'
import { auditLog } from '@/drizzle/schema/audit'
import { datasets, linkedServices, pipelines } from '@/drizzle/schema/authoring'
import { factories } from '@/drizzle/schema/factories'
import { enrolmentLinks, nodes, runtimes } from '@/drizzle/schema/runtimes'
import { activityRuns, pipelineRuns, tasks } from '@/drizzle/schema/runs'
import { testDatabase } from '@/lib/db/test-database'
import { aFactory, aNode, aRuntime, aTenant, aUser, first } from '@/lib/db/test-fixtures'
import { deleteFactory } from '@/lib/factories/delete'
import { countContents } from '@/lib/factories/contents'

const database = testDatabase()
/** Not what is tested here. */
const definition = { activities: [] } as never

/** A factory with one of everything that can be in it. */
async function aFullFactory(status: 'InProgress' | 'Succeeded') {
  const { db } = database
  const tenantId = await aTenant(db)
  const actor = await aUser(db, tenantId, 'Owner')
  const factory = await aFactory(db, tenantId, { name: 'plant-7' })
  const runtime = await aRuntime(db, factory)
  const node = await aNode(db, runtime)
  await db.insert(enrolmentLinks).values({ runtimeId: runtime.id, secretHash: 'x', expiresAt: new Date() })
  const inside = { tenantId, factoryId: factory.id }
  const address = { type: 'FileServer' as const, host: '/data' }
  const service = first(
    await db
      .insert(linkedServices)
      .values({
        ...inside,
        name: 'files',
        type: 'FileServer',
        runtimeId: runtime.id,
        address,
        definition,
      })
      .returning(),
  )
  await db.insert(datasets).values({ ...inside, name: 'flights', linkedServiceId: service.id, definition })
  const pipeline = first(
    await db
      .insert(pipelines)
      .values({ ...inside, name: 'copy', definition })
      .returning(),
  )
  const invokedBy = { type: 'Manual' as const, userId: actor.userId, name: actor.name }
  const run = first(
    await db
      .insert(pipelineRuns)
      .values({
        ...inside,
        pipelineId: pipeline.id,
        pipelineName: 'copy',
        definition,
        status,
        invokedBy,
        endedAt: status === 'Succeeded' ? new Date() : null,
      })
      .returning(),
  )
  const activity = first(
    await db
      .insert(activityRuns)
      .values({
        tenantId,
        pipelineRunId: run.id,
        runtimeId: runtime.id,
        ordinal: 0,
        name: 'Copy',
        spec: {} as never,
      })
      .returning(),
  )
  await db.insert(tasks).values({
    runtimeId: runtime.id,
    activityRunId: activity.id,
    kind: 'prepareCopy',
    nodeId: node.id,
    spec: {} as never,
  })
  return { ctx: { actor, db }, factory, tenantId }
}

test('deleteFactory() takes everything with it and keeps the story', async () => {
  const { ctx, factory } = await aFullFactory('Succeeded')
  const contents = await countContents(ctx.db, factory.id)
  expect(contents).toEqual({
    runtimes: 1,
    nodes: 1,
    linkedServices: 1,
    datasets: 1,
    pipelines: 1,
    runs: 1,
    activeRuns: 0,
  })
  await deleteFactory(ctx, { factoryId: factory.id, confirmName: 'plant-7' })
  for (const table of [factories, runtimes, nodes, linkedServices, datasets, pipelines, pipelineRuns, tasks])
    expect(await ctx.db.$count(table)).toBe(0)
  const [entry] = await ctx.db.select().from(auditLog)
  expect(entry).toMatchObject({ action: 'factory.deleted', entityName: 'plant-7', before: { contents } })
})

test('deleteFactory() refuses while a run is in progress', async () => {
  const { ctx, factory } = await aFullFactory('InProgress')
  await expect(deleteFactory(ctx, { factoryId: factory.id, confirmName: 'plant-7' })).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('1 run is in progress'),
  })
  expect(await ctx.db.$count(pipelineRuns)).toBe(1)
})

test('deleteFactory() wants the name typed as it is', async () => {
  const { ctx, factory } = await aFullFactory('Succeeded')
  await expect(deleteFactory(ctx, { factoryId: factory.id, confirmName: 'Plant-7' })).rejects.toMatchObject({
    fields: { confirmName: ['Type "plant-7" to confirm'] },
  })
})

test.each(['Contributor', 'Operator', 'Reader', null] as const)(
  'deleteFactory() refuses the role %s',
  async (role) => {
    const { db } = database
    const tenantId = await aTenant(db)
    const factory = await aFactory(db, tenantId)
    const ctx = { actor: await aUser(db, tenantId, role), db }
    await expect(
      deleteFactory(ctx, { factoryId: factory.id, confirmName: factory.name }),
    ).rejects.toMatchObject({ code: 'forbidden' })
  },
)

test('deleteFactory() does not know the factory of another tenant', async () => {
  const { factory } = await aFullFactory('Succeeded')
  const { db } = database
  const ctx = { actor: await aUser(db, await aTenant(db), 'Owner'), db }
  await expect(deleteFactory(ctx, { factoryId: factory.id, confirmName: 'plant-7' })).rejects.toMatchObject({
    code: 'not_found',
  })
})
