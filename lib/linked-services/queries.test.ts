import { eq } from 'drizzle-orm'
import { beforeEach, describe, expect, test } from 'vitest'
import { linkedServices } from '@/drizzle/schema/authoring'
import { nodeCredentials } from '@/drizzle/schema/vault'
import { testDatabase } from '@/lib/db/test-database'
import {
  aDataset,
  aFactory,
  aLinkedService,
  aNode,
  aPipeline,
  aRuntime,
  aTenant,
  aUser,
} from '@/lib/db/test-fixtures'
import { describeAddress } from '@/lib/linked-services/address'
import {
  getLinkedService,
  listLinkedServices,
  listRuntimeVaults,
  listStoreChoices,
} from '@/lib/linked-services/queries'
import type { NameQuery } from '@/lib/name-page'

const database = testDatabase()
let world: Awaited<ReturnType<typeof makeWorld>>
beforeEach(async () => {
  world = await makeWorld()
})

async function makeWorld() {
  const { db } = database
  const tenantId = await aTenant(db)
  const factory = await aFactory(db, tenantId)
  const runtime = await aRuntime(db, factory, { name: 'plant-7', vaultGeneration: 1, vaultPublicKey: 'key' })
  const nodes = [
    await aNode(db, runtime, { name: 'plant-7-a' }),
    await aNode(db, runtime, { name: 'plant-7-b' }),
    await aNode(db, runtime, { name: 'plant-7-gone', removedAt: new Date() }),
  ] as const
  const store = await aLinkedService(db, runtime, { name: 'Orders-db', credentialVersion: 2 })
  const reader = { actor: await aUser(db, tenantId, 'Reader'), db }
  return { db, tenantId, factory, runtime, nodes, store, reader }
}

async function opened(node: { id: string }, version: number, error: string | null = null) {
  await world.db.insert(nodeCredentials).values({
    nodeId: node.id,
    linkedServiceId: world.store.id,
    version,
    openedAt: error ? null : new Date(),
    error,
  })
}

async function names(filter: string) {
  return (await listLinkedServices(world.reader, world.factory, { q: filter })).rows.map(({ name }) => name)
}

describe('listLinkedServices()', () => {
  test('counts the nodes that hold the present version, and the datasets', async () => {
    const { db, reader, factory, nodes, store } = world
    await opened(nodes[0], 2)
    await opened(nodes[1], 1)
    await opened(nodes[2], 2)
    await aDataset(db, store)
    expect((await listLinkedServices(reader, factory)).rows).toMatchObject([
      { name: 'Orders-db', runtimeName: 'plant-7', nodeCount: 2, openedCount: 1, datasetCount: 1 },
    ])
  })

  test('says that a secret is lost with the last node that could open it', async () => {
    const { db, reader, factory, store } = world
    expect((await listLinkedServices(reader, factory)).rows).toMatchObject([{ isCredentialLost: false }])
    await db.update(linkedServices).set({ sealedCredential: null }).where(eq(linkedServices.id, store.id))
    expect((await listLinkedServices(reader, factory)).rows).toMatchObject([{ isCredentialLost: true }])
    expect(await getLinkedService(reader, factory, 'orders-db')).toMatchObject({ isCredentialLost: true })
  })

  test('filters by name and address', async () => {
    expect(await names('ORDERS')).toEqual(['Orders-db'])
    expect(await names('db.example')).toEqual(['Orders-db'])
    expect(await names('%')).toEqual([])
    expect(await names('PostgreSql')).toEqual([])
  })

  test('never hands out the sealed credential', async () => {
    const { reader, factory } = world
    expect(JSON.stringify(await listLinkedServices(reader, factory))).not.toContain('ciphertext')
    expect(JSON.stringify(await getLinkedService(reader, factory, 'orders-db'))).not.toContain('ciphertext')
  })
})

/** Beside Orders-db; in the order of names, whatever their case. */
async function more() {
  for (const name of ['lake', 'Archive', 'orders-cold'])
    await aLinkedService(world.db, world.runtime, { name })
}

async function page(query: NameQuery) {
  const { rows, ...rest } = await listLinkedServices(world.reader, world.factory, { size: 2, ...query })
  return { names: rows.map(({ name }) => name), ...rest }
}

test('listLinkedServices() goes on after a name, whatever its case, and counts them all', async () => {
  await more()
  expect(await page({})).toEqual({ names: ['Archive', 'lake'], next: 'lake', total: 4 })
  expect(await page({ after: 'LAKE' })).toEqual({ names: ['orders-cold', 'Orders-db'], next: null, total: 4 })
  expect(await page({ q: 'PLANT' })).toMatchObject({ names: ['Archive', 'lake'], total: 4 })
  expect(await page({ q: 'orders' })).toEqual({ names: ['orders-cold', 'Orders-db'], next: null, total: 2 })
})

test('listStoreChoices() gives the first that are found, and the named ones wherever they stand', async () => {
  await more()
  const choose = async (query: Parameters<typeof listStoreChoices>[2]) => {
    const { rows, total } = await listStoreChoices(world.reader, world.factory, { size: 2, ...query })
    return { names: rows.map(({ name }) => name), total }
  }
  expect(await choose({})).toEqual({ names: ['Archive', 'lake'], total: 4 })
  expect(await choose({ names: ['ORDERS-DB', 'Lake', 'gone'] })).toEqual({
    names: ['Archive', 'lake', 'Orders-db'],
    total: 4,
  })
  expect(await choose({ q: 'orders' })).toEqual({ names: ['orders-cold', 'Orders-db'], total: 2 })
  const { rows } = await listStoreChoices(world.reader, world.factory, { q: 'Orders-db' })
  expect(rows).toEqual([
    {
      id: world.store.id,
      name: 'Orders-db',
      type: world.store.type,
      runtimeId: world.runtime.id,
      runtimeName: 'plant-7',
      address: describeAddress(world.store.address),
      version: expect.any(String),
    },
  ])
})

describe('getLinkedService()', () => {
  test('says per node whether the credential is opened, and who uses it, whatever the case of the names', async () => {
    const { db, reader, factory, nodes, store } = world
    await opened(nodes[0], 2)
    await opened(nodes[1], 2, 'the key of generation 1 is missing')
    const orders = await aDataset(db, store, { name: 'orders' })
    await aPipeline(
      db,
      { source: { ...orders, name: 'ORDERS' }, sink: { name: 'elsewhere' } },
      { name: 'nightly' },
    )
    await aPipeline(db, { source: { ...orders, name: 'other' }, sink: { name: 'elsewhere' } })
    expect(await getLinkedService(reader, factory, 'orders-db')).toMatchObject({
      name: 'Orders-db',
      openedCount: 1,
      credentialOnNodes: [
        { nodeName: 'plant-7-b', version: 2, error: 'the key of generation 1 is missing' },
        { nodeName: 'plant-7-a', version: 2, error: null },
      ],
      usedBy: {
        datasets: { names: ['orders'], total: 1 },
        pipelines: { names: ['nightly'], total: 1 },
      },
    })
  })

  test('brings twenty nodes of a fleet, first of all those that have not opened it, and counts all', async () => {
    const { db, reader, factory, runtime, nodes } = world
    await opened(nodes[0], 2)
    for (let index = 0; index < 20; index += 1) await aNode(db, runtime, { name: `berth-${index}` })
    const found = await getLinkedService(reader, factory, 'orders-db')
    expect(found).toMatchObject({ nodeCount: 22, openedCount: 1 })
    expect(found.credentialOnNodes).toHaveLength(20)
    expect(found.credentialOnNodes.map(({ nodeName }) => nodeName)).not.toContain('plant-7-a')
  })

  test('brings the first names of what uses it, and how many there are', async () => {
    const { db, reader, factory, store } = world
    for (let index = 10; index < 22; index += 1) {
      const dataset = await aDataset(db, store, { name: `d-${index}` })
      await aPipeline(db, { source: dataset, sink: dataset }, { name: `p-${index}` })
    }
    const { usedBy, datasetCount } = await getLinkedService(reader, factory, 'orders-db')
    expect(datasetCount).toBe(12)
    const ten = Array.from({ length: 10 }, (_, index) => index + 10)
    expect(usedBy).toEqual({
      datasets: { names: ten.map((index) => `d-${index}`), total: 12 },
      pipelines: { names: ten.map((index) => `p-${index}`), total: 12 },
    })
  })

  test('does not find what is not there', async () => {
    await expect(getLinkedService(world.reader, world.factory, 'nothing')).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})

test('listRuntimeVaults() gives what a browser needs to seal', async () => {
  const { reader, factory, runtime } = world
  await aRuntime(world.db, factory, { name: 'empty' })
  expect((await listRuntimeVaults(reader, factory)).rows).toEqual([
    { runtimeId: expect.any(String), runtimeName: 'empty', generation: 0, publicKey: null, nodeCount: 0 },
    { runtimeId: runtime.id, runtimeName: 'plant-7', generation: 1, publicKey: 'key', nodeCount: 2 },
  ])
  const found = async (query: Parameters<typeof listRuntimeVaults>[2]) => {
    const { rows, total } = await listRuntimeVaults(reader, factory, { size: 1, ...query })
    return { names: rows.map(({ runtimeName }) => runtimeName), total }
  }
  expect(await found({})).toEqual({ names: ['empty'], total: 2 })
  expect(await found({ q: 'PLANT' })).toEqual({ names: ['plant-7'], total: 1 })
  expect(await found({ names: ['PLANT-7'] })).toEqual({ names: ['empty', 'plant-7'], total: 2 })
})

test('queries refuse somebody without a role', async () => {
  const { db, tenantId, factory } = world
  const nobody = { actor: await aUser(db, tenantId, null), db }
  await expect(listLinkedServices(nobody, factory)).rejects.toMatchObject({ code: 'forbidden' })
  await expect(getLinkedService(nobody, factory, 'orders-db')).rejects.toMatchObject({ code: 'forbidden' })
  await expect(listStoreChoices(nobody, factory)).rejects.toMatchObject({ code: 'forbidden' })
  await expect(listRuntimeVaults(nobody, factory)).rejects.toMatchObject({ code: 'forbidden' })
})
