import { join } from 'node:path'
import { Client } from 'pg'
import { findSessionActor } from '@/lib/auth/sessions'
import { signIn } from '@/lib/auth/sign-in'
import { connect } from '@/lib/db/client'
import { usePortal } from '@/lib/portal'
import { ensureSecretKey } from '@/server/secret-key'
import { ensureWorkplace, type Workplace as Place } from '@/server/stack/authoring'
import type { NodeProcess } from '@/server/stack/node-process'
import { awaitVault, startNode } from '@/server/stack/nodes'
import type { Home } from '@/server/stack/stack'
import { localTls } from '@/server/tls'
import { owner, portalUnderTest } from './portal'

/** A factory with one runtime, its enrolled agents, and a PostgreSQL store that the portal does not know yet. */
export type Workplace = {
  factory: string
  runtime: string
  /** By the names that were asked for; the portal knows them as `<factory>-<name>`. */
  nodes: Record<string, NodeProcess>
  storeUrl: URL
  /** The store's tables, to make, break and count them. */
  store: Client
  /** The owner of first-run.spec.ts, acting through the commands behind the pages. */
  office: Home
  place: Place
  /** One more agent in the runtime. */
  enrol(name: string): Promise<void>
  close(): Promise<void>
}

type WorkplaceOptions = {
  nodes: readonly string[]
  /** Folders of this machine that the nodes may open. */
  allowFolders?: string[]
  slots?: number
}

export async function openWorkplace(factory: string, options: WorkplaceOptions): Promise<Workplace> {
  const portal = portalUnderTest()
  await using begun = new AsyncDisposableStack()
  const db = connect({ connectionString: portal.databaseUrl, max: 2 })
  begun.defer(() => db.$client.end())
  const office = await openOffice(db)
  const place = await ensureWorkplace(office, { factory, runtime: `${factory}-plant` })
  const nodes: Record<string, NodeProcess> = {}
  const enrol = async (name: string) => {
    nodes[name] = await startNode(office, place, {
      name: `${factory}-${name}`,
      by: 'key',
      slots: options.slots ?? 4,
      allowFolders: options.allowFolders ?? [],
      dataDir: join(portal.folder, 'nodes'),
    })
  }
  begun.defer(async () => {
    await Promise.all(Object.values(nodes).map((node) => node.stop()))
  })
  for (const name of options.nodes) await enrol(name)
  await awaitVault(office, place, options.nodes.length)
  const { url, client } = await makeStore(portal.databaseUrl, factory)
  begun.defer(() => client.end())
  const running = begun.move()
  return {
    factory,
    runtime: place.runtime.name,
    nodes,
    storeUrl: new URL(url),
    store: client,
    office,
    place,
    enrol,
    close: () => running.disposeAsync(),
  }
}

/** The owner of the first run, acting in this process. */
export async function openOffice(db: ReturnType<typeof connect>): Promise<Home> {
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
  return {
    db,
    ctx: { actor, db },
    ownerPassword: owner.password,
    fingerprint: trust.fingerprint ?? '',
    portal: { publicUrl: portal.url },
  }
}

/** A database beside the portal's own. */
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
