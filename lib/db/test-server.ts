import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import type { TestProject } from 'vitest/node'
import { migrateDatabase } from '@/lib/db/migrate'
import { type PostgresServer, startPostgres, withDatabase } from '@/lib/db/postgres-server'

declare module 'vitest' {
  interface ProvidedContext {
    /** A real PostgreSQL for the whole test run, as superuser. */
    postgresUrl: string
    /** Name of its database that has the migrated, empty schema. */
    templateDatabase: string
  }
}

const templateDatabase = 'template_sallyport'
let server: PostgresServer | undefined
let folder: string | undefined

/** Vitest's global setup: one server per run, thrown away afterwards, so it need not survive a power cut. */
export async function setup({ provide }: TestProject): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-test-'))
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: 300 }
  server = await startPostgres({ dataDir: folder, settings })
  const admin = new Client(server.url)
  await admin.connect()
  await admin.query(`CREATE DATABASE ${templateDatabase}`)
  await admin.end()
  await migrateDatabase(withDatabase(server.url, templateDatabase))
  provide('postgresUrl', server.url)
  provide('templateDatabase', templateDatabase)
}

export async function teardown(): Promise<void> {
  await server?.stop()
  if (folder) await rm(folder, { recursive: true, force: true })
}
