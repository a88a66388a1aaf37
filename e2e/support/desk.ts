import { join } from 'node:path'
import { Client } from 'pg'
import { startPostgres } from '@/lib/db/postgres-server'
import { ensureWorkplace, type Workplace as Place } from '@/server/stack/authoring'
import { openStack, type Stack } from '@/server/stack/stack'
import { freePort } from './free-port'

/** A portal of one journey's own, to be stopped and killed, with a PostgreSQL that outlives it. */
export type Desk = { office: Stack; place: Place; storeUrl: URL; store: Client; dataDir: string }

export async function openDesk(
  begun: AsyncDisposableStack,
  { dataDir, settings }: { dataDir: string; settings?: (server: { url: string }) => Record<string, string> },
): Promise<Desk> {
  const server = await startPostgres({ dataDir: join(dataDir, 'server') })
  begun.defer(() => server.stop())
  const admin = new Client(server.url)
  await admin.connect()
  await admin.query('CREATE DATABASE store')
  await admin.end()
  const storeUrl = new URL(server.url)
  storeUrl.pathname = '/store'
  const store = new Client(storeUrl.href)
  await store.connect()
  begun.defer(() => store.end())
  const office = await openStack({ dataDir, port: await freePort(), settings: settings?.(server) ?? {} })
  begun.defer(() => office.close())
  const place = await ensureWorkplace(office, { factory: 'desk', runtime: 'desk-plant', leaseSeconds: 15 })
  return { office, place, storeUrl, store, dataDir }
}
