import { createRuntime } from '@/lib/runtimes/create'
import { ensureDataset, ensureLinkedService, ensurePipeline } from '@/server/stack/authoring'
import type { Workplace } from './workplace'

/** A portal's owner and a place in it, of whatever portal. */
type Desk = Pick<Workplace, 'office' | 'place'>

/** What a journey finds saved already, so that it need not travel the forms that another journey is about. */

const connectVia = (referenceName: string) => ({
  referenceName,
  type: 'IntegrationRuntimeReference' as const,
})
const reference = (referenceName: string) => [{ referenceName, type: 'DatasetReference' as const }]
const inStore = (referenceName: string) => ({ referenceName, type: 'LinkedServiceReference' as const })

export const storeName = 'orders-db'

/** The workplace's PostgreSQL as a linked service. */
export async function saveStore({ office, place, storeUrl }: Desk & { storeUrl: URL }): Promise<void> {
  await ensureLinkedService(office, place, {
    name: storeName,
    definition: {
      type: 'PostgreSqlV2',
      connectVia: connectVia(place.runtime.name),
      typeProperties: {
        server: storeUrl.hostname,
        port: Number(storeUrl.port),
        database: storeUrl.pathname.slice(1),
        username: decodeURIComponent(storeUrl.username),
        authenticationType: 'Basic',
        sslMode: 'disable',
      },
    },
    secret: { kind: 'password', password: decodeURIComponent(storeUrl.password) },
  })
}

/** A folder of this machine as a linked service. */
async function saveFolder(
  { office, place }: Desk,
  { name, host }: { name: string; host: string },
): Promise<void> {
  await ensureLinkedService(office, place, {
    name,
    definition: {
      type: 'FileServer',
      connectVia: connectVia(place.runtime.name),
      typeProperties: { host },
    },
    secret: null,
  })
}

/** A pipeline that copies one table of the store to another. */
export async function saveTableCopy(
  { office, place }: Desk,
  { name, from, to, append }: { name: string; from: string; to: string; append?: boolean },
): Promise<void> {
  const writeBehavior = append ? 'insert' : 'overwrite'
  for (const table of [from, to])
    await ensureDataset(office, place, {
      name: table.replaceAll('_', '-'),
      definition: {
        type: 'PostgreSqlV2Table',
        linkedServiceName: inStore(storeName),
        typeProperties: { schema: 'public', table },
      },
    })
  await ensurePipeline(office, place, {
    name,
    definition: {
      activities: [
        {
          name: 'Copy orders',
          type: 'Copy',
          inputs: reference(from.replaceAll('_', '-')),
          outputs: reference(to.replaceAll('_', '-')),
          typeProperties: {
            source: { type: 'PostgreSqlV2Source' },
            sink: { type: 'PostgreSqlV2Sink', writeBehavior, tableOption: 'autoCreate' },
            verification: append ? 'stream' : 'content',
          },
        },
      ],
    },
  })
}

/** A pipeline on a runtime that has no node. File systems need no secret, so nothing else keeps it from running. */
export async function saveCopyWithoutNode({ office, place }: Desk, name: string): Promise<string> {
  const runtimeName = `${place.factory.name}-empty`
  const runtime = await createRuntime(office.ctx, { factoryId: place.factory.id, name: runtimeName })
  const empty = { ...place, runtime: { id: runtime.id, name: runtimeName } }
  await saveFolder({ office, place: empty }, { name: 'share', host: '/srv/share' })
  for (const folderPath of ['inbox', 'outbox'])
    await ensureDataset(office, empty, {
      name: folderPath,
      definition: {
        type: 'Binary',
        linkedServiceName: inStore('share'),
        typeProperties: { location: { type: 'FileServerLocation', folderPath } },
      },
    })
  return await ensurePipeline(office, empty, {
    name,
    definition: {
      activities: [
        {
          name: 'Move files',
          type: 'Copy',
          inputs: reference('inbox'),
          outputs: reference('outbox'),
          typeProperties: {
            source: {
              type: 'BinarySource',
              storeSettings: { type: 'FileServerReadSettings', recursive: true },
            },
            sink: {
              type: 'BinarySink',
              storeSettings: { type: 'FileServerWriteSettings', writeBehavior: 'overwrite' },
            },
            verification: 'stream',
          },
        },
      ],
    },
  })
}
