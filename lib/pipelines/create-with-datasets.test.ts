import { beforeEach, describe, expect, test } from 'vitest'
import { auditLog } from '@/drizzle/schema/audit'
import { datasets, pipelines } from '@/drizzle/schema/authoring'
import { buildDefinitions } from '@/lib/copy-wizard/definitions'
import { CopyDraft } from '@/lib/copy-wizard/draft-schema'
import { testDatabase } from '@/lib/db/test-database'
import { aDataset, aFactory, aLinkedService, aRuntime, aTenant, aUser } from '@/lib/db/test-fixtures'
import { createPipelineWithDatasets } from '@/lib/pipelines/create-with-datasets'

const database = testDatabase()
let world: Awaited<ReturnType<typeof makeWorld>>
beforeEach(async () => {
  world = await makeWorld()
})

async function makeWorld() {
  const { db } = database
  const tenantId = await aTenant(db)
  const factory = await aFactory(db, tenantId)
  const runtime = await aRuntime(db, factory)
  const orders = await aLinkedService(db, runtime, { name: 'orders-db' })
  const mart = await aLinkedService(db, runtime, { name: 'mart' })
  const as = async (role: 'Owner' | 'Operator') => ({ actor: await aUser(db, tenantId, role), db })
  return { db, tenantId, factory, orders, mart, as, owner: await as('Owner') }
}

/** As the wizard builds it: two tables into another database. */
function request() {
  const draft = CopyDraft.parse({
    source: {
      linkedService: 'orders-db',
      tables: [
        { schema: 'public', table: 'orders' },
        { schema: 'public', table: 'lines' },
      ],
    },
    sink: { linkedService: 'mart', schema: 'raw' },
    options: { writeBehavior: 'overwrite' },
    name: 'nightly',
  })
  const store = ({ id, name, runtimeId }: typeof world.orders) => ({
    id,
    name,
    type: 'PostgreSql' as const,
    runtimeId,
    runtimeName: 'plant',
  })
  const stores = { source: store(world.orders), sink: store(world.mart) }
  return { factoryId: world.factory.id, ...buildDefinitions(draft, stores, { takenDatasets: [], lines: {} }) }
}

describe('createPipelineWithDatasets()', () => {
  test('saves what the wizard built, with an audit row for each part', async () => {
    expect(await createPipelineWithDatasets(world.owner, request())).toMatchObject({ name: 'nightly' })
    expect(await world.db.$count(datasets)).toBe(4)
    const rows = await world.db.select().from(auditLog).orderBy(auditLog.seq)
    expect(rows.map(({ action }) => action)).toEqual([
      ...Array(4).fill('dataset.created'),
      'pipeline.created',
    ])
  })

  test('leaves nothing behind where one name is taken', async () => {
    await aDataset(world.db, world.mart, { name: 'nightly-public-lines-sink' })
    await expect(createPipelineWithDatasets(world.owner, request())).rejects.toMatchObject({
      code: 'conflict',
    })
    expect(await world.db.$count(datasets)).toBe(1)
    expect(await world.db.$count(pipelines)).toBe(0)
  })

  test('refuses what cannot run, and says why', async () => {
    const { datasets: built, ...rest } = request()
    await expect(
      createPipelineWithDatasets(world.owner, { ...rest, datasets: built.slice(1) }),
    ).rejects.toThrow('its input dataset "nightly-public-orders-source" does not exist')
  })

  test('is for contributors of the tenant', async () => {
    const { db } = world
    await expect(createPipelineWithDatasets(await world.as('Operator'), request())).rejects.toMatchObject({
      code: 'forbidden',
    })
    const stranger = { actor: await aUser(db, await aTenant(db), 'Owner'), db }
    await expect(createPipelineWithDatasets(stranger, request())).rejects.toMatchObject({ code: 'not_found' })
  })
})
