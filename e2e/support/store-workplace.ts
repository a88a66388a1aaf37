import { join, resolve } from 'node:path'
import { Client } from 'pg'
import { revealAuthKeys } from '@/lib/auth-keys/reveal'
import { findSessionActor } from '@/lib/auth/sessions'
import { signIn } from '@/lib/auth/sign-in'
import { connect } from '@/lib/db/client'
import { startPostgres } from '@/lib/db/postgres-server'
import { usePortal } from '@/lib/portal'
import { ensureSecretKey } from '@/server/secret-key'
import { ensureWorkplace } from '@/server/stack/authoring'
import { enrolNode, NodeProcess } from '@/server/stack/node-process'
import { localTls } from '@/server/tls'
import { owner, portalUnderTest } from './portal'

/** A factory with two enrolled agents and a PostgreSQL of its own, which nothing in the portal knows yet. */
export type StoreWorkplace = {
  factory: string
  runtime: string
  storeUrl: URL
  /** The store itself, to make tables and to count what arrived. */
  store: Client
  close(): Promise<void>
}

export async function openStoreWorkplace(factory: string): Promise<StoreWorkplace> {
  const portal = portalUnderTest()
  await using begun = new AsyncDisposableStack()
  const db = connect({ connectionString: portal.databaseUrl, max: 2 })
  begun.defer(() => db.$client.end())
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
  const ctx = { actor, db }
  const runtime = `${factory}-plant`
  const place = await ensureWorkplace({ ctx, db, ownerPassword: owner.password }, { factory, runtime })
  const [key] = await revealAuthKeys(ctx, { runtimeId: place.runtime.id })
  if (!key) throw new Error('There is no key to enrol with')

  for (const name of ['a', 'b']) {
    const node = {
      agentFile: resolve('dist/agent/sallyport-agent.cjs'),
      dataDir: join(portal.folder, `${factory}-${name}`),
      name: `${factory}-${name}`,
    }
    const credential = { key: key.authKey, fingerprint: trust.fingerprint ?? '' }
    await enrolNode(node, { portalUrl: portal.url, credential, slots: 2, allowFolders: [] })
    const process = new NodeProcess(node)
    process.start()
    begun.defer(() => process.stop())
  }
  const server = await startPostgres({ dataDir: join(portal.folder, `${factory}-store`) })
  begun.defer(() => server.stop())
  const store = new Client(server.url)
  await store.connect()
  begun.defer(() => store.end())
  const running = begun.move()
  return { factory, runtime, storeUrl: new URL(server.url), store, close: () => running.disposeAsync() }
}
