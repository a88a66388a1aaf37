import 'server-only'
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import { type Client, Pool, type PoolConfig } from 'pg'
import { limitIdleTransactions } from '@/lib/db/idle-transactions'
import { NamedStatements } from '@/lib/db/named-statements'
import { processShared } from '@/lib/process-shared'

export type Db = NodePgDatabase
export type Tx = Parameters<Parameters<Db['transaction']>[0]>[0]
/** What queries are given: they can read, and nothing else. */
export type ReadDb = Pick<Db | Tx, 'select' | 'selectDistinct' | 'selectDistinctOn' | '$count' | 'with'>

type Connecting = PoolConfig & {
  onIdleError?: (error: Error) => void
  /** What is between here and PostgreSQL does not keep named statements; from now on nothing has a name. */
  onNamesRefused?: () => void
}

/**
 * A pool that works through PgBouncer in transaction mode: the next statement may run in another session, so nothing
 * may depend on one (no SET, no LISTEN; names of statements are a gain where they hold, and given up where they do not).
 */
export function connect(config: Connecting): Db & { $client: Pool } {
  const { onIdleError, onNamesRefused, ...poolConfig } = config
  const pool = new Pool({
    application_name: 'sallyport',
    keepAlive: true,
    // A request that cannot get a connection must fail while its user still waits for it.
    connectionTimeoutMillis: 10_000,
    ...poolConfig,
  })
  // Without a listener a connection that PostgreSQL closes while idle would end the process.
  pool.on('error', (error) => onIdleError?.(error))
  const names = new NamedStatements(() => onNamesRefused?.())
  pool.on('connect', (client) => {
    // The same while it is in use: the statement that runs, or the next one, says that it was lost.
    client.on('error', () => {})
    limitIdleTransactions(client)
    names.use(client)
  })
  return Object.assign(openDb(pool), { $client: pool })
}

/** A database over any pool or single connection, with this project's naming of columns. */
export function openDb(client: Pool | Client): Db {
  return drizzle({ client, casing: 'snake_case' })
}

const shared = processShared<{ db?: Db }>('database', () => ({}))

/** Called once by the portal's process, before the first request, and by tests. */
export function useDatabase(db: Db | null): void {
  if (db) shared.value.db = db
  else delete shared.value.db
}

export function database(): Db {
  if (!shared.value.db) throw new Error('The database is not connected yet')
  return shared.value.db
}
