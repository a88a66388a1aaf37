import { desc } from 'drizzle-orm'
import { beforeEach, describe, expect, test } from 'vitest'
import { auditLog } from '@/drizzle/schema/audit'
import { datasets } from '@/drizzle/schema/authoring'
import { deleteDataset } from '@/lib/datasets/delete'
import { getDataset, listDatasetNames, listDatasets } from '@/lib/datasets/queries'
import { saveDataset } from '@/lib/datasets/save'
import { testDatabase } from '@/lib/db/test-database'
import {
  aDataset,
  aFactory,
  aLinkedService,
  aPipeline,
  aRuntime,
  aTenant,
  aUser,
} from '@/lib/db/test-fixtures'

const database = testDatabase()
let world: Awaited<ReturnType<typeof makeWorld>>
beforeEach(async () => {
  world = await makeWorld()
})

async function makeWorld() {
  const { db } = database
  const tenantId = await aTenant(db)
  const factory = await aFactory(db, tenantId)
  const store = await aLinkedService(db, await aRuntime(db, factory), { name: 'orders-db' })
  const owner = { actor: await aUser(db, tenantId, 'Owner'), db }
  const operator = { actor: await aUser(db, tenantId, 'Operator'), db }
  const stranger = { actor: await aUser(db, await aTenant(db), 'Owner'), db }
  return { db, tenantId, factory, store, owner, operator, stranger }
}

function request(changes: Record<string, unknown> = {}) {
  const definition = {
    type: 'PostgreSqlV2Table',
    linkedServiceName: { referenceName: 'Orders-DB', type: 'LinkedServiceReference' },
    typeProperties: { schema: 'public', table: 'orders' },
  }
  return { factoryId: world.factory.id, name: 'orders', definition, ...changes }
}

/** Two datasets at most. */
async function page(query: { after?: string; q?: string }) {
  const { rows, ...rest } = await listDatasets(world.operator, world.factory, { size: 2, ...query })
  return { names: rows.map(({ name }) => name), ...rest }
}

describe('saveDataset()', () => {
  test('creates, then changes it, with an audit row each', async () => {
    const { datasetId } = await saveDataset(world.owner, request())
    const definition = { ...request().definition, description: 'Every order' }
    await saveDataset(world.owner, request({ datasetId, definition }))
    const rows = await world.db.select().from(datasets)
    expect(rows).toMatchObject([
      { linkedServiceId: world.store.id, definition: { description: 'Every order' } },
    ])
    const audit = await world.db.select().from(auditLog).orderBy(desc(auditLog.seq))
    expect(audit.map(({ action }) => action)).toEqual(['dataset.updated', 'dataset.created'])
  })

  test('puts errors at their fields: unknown store, unfit store, taken name, half a table', async () => {
    const at = async (changes: Record<string, unknown>) =>
      await saveDataset(world.owner, request(changes)).catch((error: { fields?: object }) =>
        Object.keys(error.fields ?? {}),
      )
    const { definition } = request()
    const nowhere = { referenceName: 'nowhere', type: 'LinkedServiceReference' }
    expect(await at({ definition: { ...definition, linkedServiceName: nowhere } })).toEqual([
      'definition.linkedServiceName.referenceName',
    ])
    const location = { type: 'FileServerLocation', folderPath: 'in' }
    expect(
      await at({ definition: { ...definition, type: 'Parquet', typeProperties: { location } } }),
    ).toEqual(['definition.linkedServiceName.referenceName'])
    expect(await at({ definition: { ...definition, typeProperties: { schema: 'public' } } })).toEqual([
      'definition.typeProperties.table',
    ])
    await saveDataset(world.owner, request())
    expect(await at({ name: 'ORDERS' })).toEqual(['name'])
  })

  test('does not overwrite what somebody else has changed', async () => {
    const { datasetId } = await saveDataset(world.owner, request())
    const { updatedAt } = await getDataset(world.owner, world.factory, 'orders')
    const basedOn = updatedAt.toISOString()
    await saveDataset(world.owner, request({ datasetId, basedOn }))
    await world.db.update(datasets).set({ updatedAt: new Date(updatedAt.getTime() + 1000) })
    await expect(saveDataset(world.owner, request({ datasetId, basedOn }))).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('Somebody else has changed the dataset "orders"'),
    })
  })

  test('keeps its name, because pipelines say it', async () => {
    const { datasetId } = await saveDataset(world.owner, request())
    await expect(saveDataset(world.owner, request({ datasetId, name: 'other' }))).rejects.toMatchObject({
      fields: { name: ['Pipelines name it: it stays "orders"'] },
    })
  })

  test('is for contributors of the tenant', async () => {
    await expect(saveDataset(world.operator, request())).rejects.toMatchObject({ code: 'forbidden' })
    await expect(saveDataset(world.stranger, request())).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('deleteDataset()', () => {
  test('says which pipelines still name it, and goes when none does', async () => {
    const orders = await aDataset(world.db, world.store, { name: 'orders' })
    const spare = await aDataset(world.db, world.store, { name: 'spare' })
    await aPipeline(world.db, { source: orders, sink: { name: 'Elsewhere' } }, { name: 'nightly' })
    const remove = (id: string, confirmName: string) =>
      deleteDataset(world.owner, { datasetId: id, confirmName })
    await expect(remove(orders.id, 'orders')).rejects.toThrow(
      'Cannot delete dataset "orders": pipeline "nightly" copies from or to it. Delete or change it first',
    )
    await expect(remove(spare.id, 'spar')).rejects.toMatchObject({ code: 'invalid_input' })
    await remove(spare.id, 'spare')
    expect(await listDatasetNames(world.owner, world.factory, 'ORD')).toEqual(['orders'])
    expect(await listDatasetNames(world.owner, world.factory, '%')).toEqual([])
  })

  test('is for contributors of the tenant', async () => {
    const { id } = await aDataset(world.db, world.store, { name: 'orders' })
    const input = { datasetId: id, confirmName: 'orders' }
    await expect(deleteDataset(world.operator, input)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(deleteDataset(world.stranger, input)).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('reading datasets', () => {
  test('getDataset() finds by name whatever its case, with its store and its pipelines', async () => {
    const orders = await aDataset(world.db, world.store, { name: 'orders' })
    await aPipeline(world.db, { source: orders, sink: orders }, { name: 'nightly' })
    expect(await getDataset(world.operator, world.factory, 'ORDERS')).toMatchObject({
      name: 'orders',
      linkedServiceName: 'orders-db',
      storeType: 'PostgreSql',
      usedBy: { names: ['nightly'], total: 1 },
    })
    await expect(getDataset(world.operator, world.factory, 'nothing')).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  test('listDatasets() filters by the names of datasets and stores', async () => {
    await aDataset(world.db, world.store, { name: 'orders' })
    const found = async (q: string) =>
      (await listDatasets(world.operator, world.factory, { q })).rows.map(({ name }) => name)
    expect([await found('ORD'), await found('orders-d'), await found('_')]).toEqual([
      ['orders'],
      ['orders'],
      [],
    ])
  })

  test('listDatasets() goes on after a name, whatever its case, and counts them all', async () => {
    for (const name of ['alpha', 'Bravo', 'charlie']) await aDataset(world.db, world.store, { name })
    expect(await page({})).toEqual({ names: ['alpha', 'Bravo'], next: 'Bravo', total: 3 })
    expect(await page({ after: 'bravo' })).toEqual({ names: ['charlie'], next: null, total: 3 })
    expect(await page({ q: 'A', after: 'alpha' })).toMatchObject({ names: ['Bravo', 'charlie'], next: null })
  })

  test('refuses somebody without a role', async () => {
    const nobody = { actor: await aUser(world.db, world.tenantId, null), db: world.db }
    await expect(listDatasets(nobody, world.factory)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(getDataset(nobody, world.factory, 'orders')).rejects.toMatchObject({ code: 'forbidden' })
  })
})
