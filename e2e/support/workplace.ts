import { join, resolve } from 'node:path'
import { Client } from 'pg'
import { revealAuthKeys } from '@/lib/auth-keys/reveal'
import { findSessionActor } from '@/lib/auth/sessions'
import { signIn } from '@/lib/auth/sign-in'
import { connect } from '@/lib/db/client'
import { usePortal } from '@/lib/portal'
import { createRuntime } from '@/lib/runtimes/create'
import { ensureSecretKey } from '@/server/secret-key'
import { ensureDataset, ensureLinkedService, ensurePipeline, ensureWorkplace } from '@/server/stack/authoring'
import { enrolNode, NodeProcess } from '@/server/stack/node-process'
import { awaitVault } from '@/server/stack/nodes'
import type { Office } from '@/server/stack/stack'
import { localTls } from '@/server/tls'
import { owner, portalUnderTest } from './portal'

const connectVia = (referenceName: string) => ({
  referenceName,
  type: 'IntegrationRuntimeReference' as const,
})
const reference = (referenceName: string) => [{ referenceName, type: 'DatasetReference' as const }]
const inStore = (referenceName: string) => ({ referenceName, type: 'LinkedServiceReference' as const })

/** A factory with one enrolled agent and a PostgreSQL store beside the portal's own database, for journeys about runs. */
export type RunsWorkplace = {
  factory: string
  /** The store's tables, to make, break and count them. */
  store: Client
  /** Saves a pipeline that copies one table of the store to another. */
  tableCopy(name: string, tables: { from: string; to: string }): Promise<void>
  /** Saves a pipeline on a runtime that has no node. */
  copyWithoutNode(name: string): Promise<void>
  close(): Promise<void>
}

export async function openRunsWorkplace(factory: string): Promise<RunsWorkplace> {
  const portal = portalUnderTest()
  const db = connect({ connectionString: portal.databaseUrl, max: 2 })
  const office = await openOffice(db)
  const place = await ensureWorkplace(office, { factory, runtime: `${factory}-plant` })
  const node = await enrol(office, place.runtime.id, factory)
  await awaitVault(office, place, 1)
  const store = await makeStore(portal.databaseUrl, factory)
  const url = new URL(store.url)
  await ensureLinkedService(office, place, {
    name: 'orders-db',
    definition: {
      type: 'PostgreSqlV2',
      connectVia: connectVia(place.runtime.name),
      typeProperties: {
        server: url.hostname,
        port: Number(url.port),
        database: url.pathname.slice(1),
        username: decodeURIComponent(url.username),
        authenticationType: 'Basic',
        sslMode: 'disable',
      },
    },
    secret: { kind: 'password', password: decodeURIComponent(url.password) },
  })
  return {
    factory,
    store: store.client,
    tableCopy: (name, { from, to }) => saveTableCopy(office, place, { name, from, to }),
    copyWithoutNode: (name) => saveCopyWithoutNode(office, factory, name),
    close: async () => {
      await node.stop()
      await store.client.end()
      await db.$client.end()
    },
  }
}

/** The owner of first-run.spec.ts, acting through the commands behind the pages. */
async function openOffice(db: ReturnType<typeof connect>): Promise<Office> {
  const portal = portalUnderTest()
  const portalDir = join(portal.folder, 'portal')
  const { trust } = await localTls(join(portalDir, 'tls'), ['localhost'])
  usePortal({
    publicUrl: portal.url,
    ...trust,
    secretKey: await ensureSecretKey(join(portalDir, 'secret.key')),
  })
  const client = { userAgent: 'journeys', address: '127.0.0.1', previousToken: null }
  const signedIn = await signIn(db, { email: owner.email, password: owner.password }, client)
  const actor = signedIn.ok ? await findSessionActor(db, signedIn.token) : null
  if (!actor) throw new Error('The owner of the first run cannot sign in')
  return { db, ctx: { actor, db }, ownerPassword: owner.password }
}

async function enrol(office: Office, runtimeId: string, name: string): Promise<NodeProcess> {
  const portal = portalUnderTest()
  const { trust } = await localTls(join(portal.folder, 'portal', 'tls'), ['localhost'])
  const [key] = await revealAuthKeys(office.ctx, { runtimeId })
  if (!key || !trust.fingerprint) throw new Error('There is nothing to enrol with')
  const options = {
    agentFile: resolve('dist/agent/sallyport-agent.cjs'),
    dataDir: join(portal.folder, `node-${name}`),
    name: `${name}-a`,
  }
  await enrolNode(options, {
    portalUrl: portal.url,
    credential: { key: key.authKey, fingerprint: trust.fingerprint },
    slots: 4,
    allowFolders: [],
  })
  const node = new NodeProcess(options)
  node.start()
  return node
}

async function makeStore(databaseUrl: string, factory: string): Promise<{ url: string; client: Client }> {
  const name = `store_${factory.replaceAll('-', '_')}`
  const admin = new Client(databaseUrl)
  await admin.connect()
  await admin.query(`CREATE DATABASE ${name}`)
  await admin.end()
  const url = new URL(databaseUrl)
  url.pathname = `/${name}`
  const client = new Client(url.href)
  await client.connect()
  return { url: url.href, client }
}

async function saveTableCopy(
  office: Office,
  place: Awaited<ReturnType<typeof ensureWorkplace>>,
  { name, from, to }: { name: string; from: string; to: string },
): Promise<void> {
  for (const table of [from, to])
    await ensureDataset(office, place, {
      name: table.replaceAll('_', '-'),
      definition: {
        type: 'PostgreSqlV2Table',
        linkedServiceName: inStore('orders-db'),
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
            sink: { type: 'PostgreSqlV2Sink', writeBehavior: 'overwrite', tableOption: 'autoCreate' },
            verification: 'content',
          },
        },
      ],
    },
  })
}

/** File systems need no secret, so nothing but the missing node keeps it from running. */
async function saveCopyWithoutNode(office: Office, factory: string, name: string): Promise<void> {
  const place = await ensureWorkplace(office, { factory, runtime: `${factory}-plant` })
  const runtimeName = `${factory}-empty`
  const runtime = await createRuntime(office.ctx, { factoryId: place.factory.id, name: runtimeName })
  const empty = { ...place, runtime: { id: runtime.id, name: runtimeName } }
  await ensureLinkedService(office, empty, {
    name: 'share',
    definition: {
      type: 'FileServer',
      connectVia: connectVia(runtimeName),
      typeProperties: { host: '/srv/share' },
    },
    secret: null,
  })
  for (const folderPath of ['inbox', 'outbox'])
    await ensureDataset(office, empty, {
      name: folderPath,
      definition: {
        type: 'Binary',
        linkedServiceName: inStore('share'),
        typeProperties: { location: { type: 'FileServerLocation', folderPath } },
      },
    })
  await ensurePipeline(office, empty, {
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
