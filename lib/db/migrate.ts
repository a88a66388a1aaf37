import { fileURLToPath } from 'node:url'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import { Client } from 'pg'
import { openDb } from '@/lib/db/client'

const migrationsFolder = fileURLToPath(new URL('../../drizzle/migrations', import.meta.url))

const connectionTimeoutMillis = 10_000
/** Any number that nothing else locks: "sallypo" in ASCII. */
const migrationLock = 0x73616c6c79706fn

/**
 * Brings the schema up to date; portals that start together take turns. The lock belongs to a transaction of its own
 * connection, so it holds behind PgBouncer and goes with a process that dies.
 */
export async function migrateDatabase(url: string): Promise<void> {
  const connection = { connectionString: url, connectionTimeoutMillis }
  const [lock, worker] = [new Client(connection), new Client(connection)]
  // Without a listener a connection that is lost between two statements would end the process; the next one fails.
  for (const client of [lock, worker]) client.on('error', () => {})
  try {
    await Promise.all([lock.connect(), worker.connect()])
    await lock.query('BEGIN')
    await lock.query('SELECT pg_advisory_xact_lock($1)', [migrationLock.toString()])
    await migrate(openDb(worker), { migrationsFolder })
    await lock.query('COMMIT')
  } finally {
    await Promise.all([lock.end(), worker.end()])
  }
}
