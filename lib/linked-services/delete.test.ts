import { desc, eq } from 'drizzle-orm'
import { beforeEach, describe, expect, test } from 'vitest'
import { auditLog } from '@/drizzle/schema/audit'
import { datasets, linkedServices } from '@/drizzle/schema/authoring'
import { activityRuns, pipelineRuns } from '@/drizzle/schema/runs'
import { runtimes } from '@/drizzle/schema/runtimes'
import { testDatabase } from '@/lib/db/test-database'
import { aDataset, aFactory, aLinkedService, aRuntime, aTenant, aUser, first } from '@/lib/db/test-fixtures'
import { deleteLinkedService } from '@/lib/linked-services/delete'
import { CopySpec } from '@/lib/protocol/copy-plan'

const database = testDatabase()
let world: Awaited<ReturnType<typeof makeWorld>>
beforeEach(async () => {
  world = await makeWorld()
})

async function makeWorld() {
  const { db } = database
  const tenantId = await aTenant(db)
  const runtime = await aRuntime(db, await aFactory(db, tenantId))
  const store = await aLinkedService(db, runtime, { name: 'orders-db' })
  const owner = { actor: await aUser(db, tenantId, 'Owner'), db }
  return {
    db,
    tenantId,
    runtime,
    store,
    owner,
    request: { linkedServiceId: store.id, confirmName: 'orders-db' },
  }
}

/** A copy from the store to itself, as far as it got. */
async function aRun(status: 'InProgress' | 'Succeeded') {
  const { db, tenantId, store } = world
  const run = first(
    await db
      .insert(pipelineRuns)
      .values({
        tenantId,
        factoryId: store.factoryId,
        pipelineName: 'nightly',
        definition: { activities: [] },
        invokedBy: { type: 'Manual', userId: null, name: 'x' },
      })
      .returning(),
  )
  const { id, runtimeId, address, name } = store
  const ref = { linkedServiceId: id, linkedServiceName: name, runtimeId, address, credentialVersion: 1 }
  const end = { kind: 'table', schema: 'public', table: 't', store: ref }
  const spec = CopySpec.parse({
    pipelineRunId: run.id,
    activityRunId: run.id,
    activityName: 'copy',
    source: end,
    sink: { ...end, writeBehavior: 'append' },
    options: {},
  })
  await db
    .insert(activityRuns)
    .values({ tenantId, pipelineRunId: run.id, ordinal: 0, name: 'copy', status, spec })
}

describe('deleteLinkedService()', () => {
  test('deletes it, lets the nodes pull, and keeps its definition in the audit log', async () => {
    await deleteLinkedService(world.owner, world.request)
    expect(await world.db.$count(linkedServices)).toBe(0)
    const [runtime] = await world.db.select().from(runtimes).where(eq(runtimes.id, world.runtime.id))
    expect(runtime?.vaultVersion).toBe(1)
    const [audit] = await world.db.select().from(auditLog).orderBy(desc(auditLog.seq)).limit(1)
    expect(audit).toMatchObject({ action: 'linkedService.deleted', entityName: 'orders-db', after: null })
  })

  test('names the datasets that still use it', async () => {
    await aDataset(world.db, world.store, { name: 'orders' })
    await aDataset(world.db, world.store, { name: 'customers' })
    await expect(deleteLinkedService(world.owner, world.request)).rejects.toThrow(
      'Cannot delete linked service "orders-db": datasets "customers" and "orders" use it. Delete them first',
    )
    await world.db.delete(datasets)
    await deleteLinkedService(world.owner, world.request)
  })

  test('waits for a run that uses it, but not for one that has ended', async () => {
    await aRun('InProgress')
    await expect(deleteLinkedService(world.owner, world.request)).rejects.toThrow(
      'a run of pipeline "nightly" is using it',
    )
    await world.db.update(activityRuns).set({ status: 'Succeeded' })
    await deleteLinkedService(world.owner, world.request)
  })

  test('wants the name typed', async () => {
    await expect(
      deleteLinkedService(world.owner, { ...world.request, confirmName: 'orders' }),
    ).rejects.toMatchObject({ fields: { confirmName: ['Type "orders-db" to confirm'] } })
  })

  test('is for contributors, and does not exist for another tenant', async () => {
    const { db, tenantId, request } = world
    const reader = { actor: await aUser(db, tenantId, 'Operator'), db }
    await expect(deleteLinkedService(reader, request)).rejects.toMatchObject({ code: 'forbidden' })
    const stranger = { actor: await aUser(db, await aTenant(db), 'Owner'), db }
    await expect(deleteLinkedService(stranger, request)).rejects.toMatchObject({ code: 'not_found' })
  })
})
