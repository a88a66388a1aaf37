import { globSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, test } from 'vitest'
import { datasets, linkedServices, pipelines } from '@/drizzle/schema/authoring'
import { pipelineRuns, tasks } from '@/drizzle/schema/runs'
import type { Context } from '@/lib/command'
import { testDatabase } from '@/lib/db/test-database'
import { aFactory, aNode, aPortal, aRuntime, aTenant, aUser, first } from '@/lib/db/test-fixtures'
import type { DatasetDefinition } from '@/lib/datasets/schemas'
import { AppError } from '@/lib/errors'
import type { LinkedServiceDefinition } from '@/lib/linked-services/schemas'
import type { PipelineDefinition } from '@/lib/pipelines/schemas'

/** Each read of the portal is called as somebody who may not: it must refuse, or know nothing. */

const database = testDatabase()
type World = Awaited<ReturnType<typeof aWorld>>
let world: World
beforeEach(async () => {
  aPortal()
  world = await aWorld()
})

const folder: LinkedServiceDefinition = {
  type: 'FileServer',
  connectVia: { referenceName: 'canary-runtime', type: 'IntegrationRuntimeReference' },
  typeProperties: { host: '/data' },
}
const file: DatasetDefinition = {
  type: 'Binary',
  linkedServiceName: { referenceName: 'canary-service', type: 'LinkedServiceReference' },
  typeProperties: { location: { type: 'FileServerLocation', folderPath: '' } },
}
const sameFile = [{ referenceName: 'canary-dataset', type: 'DatasetReference' as const }]
const definition: PipelineDefinition = {
  activities: [
    {
      name: 'canary-activity',
      type: 'Copy',
      inputs: sameFile,
      outputs: sameFile,
      typeProperties: {
        source: { type: 'BinarySource', storeSettings: { type: 'FileServerReadSettings', recursive: true } },
        sink: {
          type: 'BinarySink',
          storeSettings: { type: 'FileServerWriteSettings', writeBehavior: 'overwrite' },
        },
        verification: 'stream',
      },
    },
  ],
}

/** One of everything, under names that nothing else bears. */
async function aWorld() {
  const { db } = database
  const tenantId = await aTenant(db)
  const factory = await aFactory(db, tenantId, { name: 'canary-factory' })
  const runtime = await aRuntime(db, factory, { name: 'canary-runtime' })
  const node = await aNode(db, runtime, { name: 'canary-node' })
  const inside = { tenantId, factoryId: factory.id }
  const address = { type: 'FileServer' as const, host: '/data' }
  const files = { ...inside, type: 'FileServer' as const, runtimeId: runtime.id, address, definition: folder }
  const service = first(
    await db
      .insert(linkedServices)
      .values({ ...files, name: 'canary-service' })
      .returning(),
  )
  const dataset = { ...inside, linkedServiceId: service.id, definition: file }
  await db.insert(datasets).values({ ...dataset, name: 'canary-dataset' })
  await db.insert(pipelines).values({ ...inside, name: 'canary-pipeline', definition })
  const invokedBy = { type: 'Manual' as const, userId: null, name: 'canary-user' }
  const started = {
    ...inside,
    pipelineName: 'canary-pipeline',
    definition,
    invokedBy,
    status: 'Succeeded' as const,
  }
  const run = first(await db.insert(pipelineRuns).values(started).returning())
  const asked = { runtimeId: runtime.id, kind: 'browse' as const, interactive: true, spec: {} as never }
  const request = first(
    await db
      .insert(tasks)
      .values({ ...asked, requestedBy: crypto.randomUUID() })
      .returning(),
  )
  return { tenantId, factory, runtime, node, run, request }
}

type Read = (...args: unknown[]) => Promise<unknown>

/** How each exported read is called, by `feature.function`: everything after the context. */
const calls: Record<string, (world: World) => unknown[]> = {
  'audit.listAuditEntries': () => [{}],
  'audit.listRuntimeActivity': ({ runtime }) => [runtime.id],
  'audit.verifyAuditChain': () => [],
  'auth-keys.listAuthKeys': ({ runtime }) => [runtime.id],
  'datasets.getDataset': ({ factory }) => [factory, 'canary-dataset'],
  'datasets.listDatasetNames': ({ factory }) => [factory, ''],
  'datasets.listDatasets': ({ factory }) => [factory],
  'enrolment-links.getInstallSource': ({ runtime }) => [runtime.id],
  'enrolment-links.listEnrolmentLinks': ({ runtime }) => [runtime.id],
  'factories.getFactoryByName': () => ['canary-factory'],
  'factories.getFactoryContents': ({ factory }) => [factory.id],
  'factories.getFactoryOverview': ({ factory }) => [factory.id],
  'factories.listFactories': () => [],
  'factories.listFactorySummaries': () => [],
  'interactive.getInteractiveAnswer': ({ request }) => [request.id],
  'interactive.waitForInteractiveAnswer': ({ request }) => [request.id, AbortSignal.timeout(1000)],
  'linked-services.getLinkedService': ({ factory }) => [factory, 'canary-service'],
  'linked-services.listLinkedServices': ({ factory }) => [factory],
  'linked-services.listStoreChoices': ({ factory }) => [factory],
  'linked-services.listRuntimeVaults': ({ factory }) => [factory],
  'nodes.getNode': ({ node }) => [node.id],
  'nodes.listNodeCredentials': ({ node }) => [node.id],
  'nodes.listNodes': ({ runtime }) => [runtime.id],
  'nodes.listVaultMembers': ({ runtime }) => [runtime.id],
  'pipelines.getPipeline': ({ factory }) => [factory, 'canary-pipeline'],
  'pipelines.listPipelineNames': ({ factory }) => [factory, ''],
  'pipelines.listPipelines': ({ factory }) => [factory],
  'runs.getReceipts': ({ run }) => [run.id],
  'runs.getRun': ({ run }) => [run.id, {}],
  'runs.getRunLog': ({ run }) => [run.id],
  'runs.listRuns': ({ factory }) => [factory, {}],
  'runtimes.getRuntimeByName': () => ['canary-factory', 'canary-runtime'],
  'runtimes.getRuntimeLive': ({ runtime }) => [runtime.id, { queue: true }],
  'runtimes.listRuntimeUsers': ({ runtime }) => [runtime.id],
  'runtimes.listRuntimes': ({ factory }) => [factory.id],
  'search.search': () => ['canary'],
  'tasks.listWaitingTasks': ({ runtime }) => [runtime.id],
}
/** One's own account is for everybody who is signed in; who that is comes from the session alone. */
const forOneself = [
  'account.countSessions',
  'account.getProfile',
  'account.getSessionLeft',
  'account.listSessions',
]

async function readAll(): Promise<Map<string, Read>> {
  const lib = fileURLToPath(new URL('.', import.meta.url))
  const reads = new Map<string, Read>()
  for (const file of globSync('*/queries.ts', { cwd: lib })) {
    const exported: Record<string, unknown> = await import(`${lib}${file}`)
    for (const [name, read] of Object.entries(exported))
      if (typeof read === 'function') reads.set(`${basename(dirname(file))}.${name}`, read as Read)
  }
  return reads
}

/** What a read answers, or the code that it refuses with. */
async function outcome(name: string, ctx: Context): Promise<unknown> {
  const read = (await readAll()).get(name)
  const call = calls[name]
  if (!read || !call) throw new Error(`${name} is not there`)
  return await read(ctx, ...call(world)).catch((error: unknown) => {
    if (error instanceof AppError) return error.code
    throw error
  })
}

test('every exported read is listed here, and nothing else is', async () => {
  const listed = [...Object.keys(calls), ...forOneself]
  expect([...(await readAll()).keys()].toSorted()).toEqual(listed.toSorted())
})

describe.each(Object.keys(calls))('%s()', (name) => {
  test('answers an owner, so that the refusals below mean something', async () => {
    const owner = await aUser(database.db, world.tenantId, 'Owner')
    const actor = { ...owner, userId: world.request.requestedBy ?? '' }
    const answer = await outcome(name, { actor, db: database.db })
    // The run of this world copied nothing, so it has no receipt.
    if (name === 'runs.getReceipts') expect(answer).toBe('not_found')
    else expect(answer).toBeTypeOf('object')
  })

  test('refuses a user of the tenant without any role', async () => {
    const actor = await aUser(database.db, world.tenantId, null)
    expect(['forbidden', 'not_found']).toContain(await outcome(name, { actor, db: database.db }))
  })

  test('refuses a user whose only role is in another factory', async () => {
    const other = await aFactory(database.db, world.tenantId)
    const stranger = await aUser(database.db, world.tenantId, null)
    const actor = { ...stranger, factoryRoles: { [other.id]: 'Owner' as const } }
    expect(JSON.stringify(await outcome(name, { actor, db: database.db }))).not.toMatch(/canary/)
  })

  test('knows nothing of it for the owner of another tenant', async () => {
    const actor = await aUser(database.db, await aTenant(database.db), 'Owner')
    const answer = JSON.stringify(await outcome(name, { actor, db: database.db }))
    expect(answer).not.toMatch(/canary/)
    for (const thing of [world.factory, world.runtime, world.node, world.run])
      expect(answer).not.toContain(thing.id)
  })

  test('refuses a node', async () => {
    const { tenantId, node, runtime } = world
    const actor = { kind: 'node', nodeId: node.id, name: node.name, runtimeId: runtime.id, tenantId } as const
    expect(['forbidden', 'not_found']).toContain(await outcome(name, { actor, db: database.db }))
  })
})
