import 'server-only'
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import { Pool, type PoolConfig } from 'pg'
import { processShared } from '@/lib/process-shared'

export type Db = NodePgDatabase & { $client: Pool }
export type Tx = Parameters<Parameters<NodePgDatabase['transaction']>[0]>[0]
/** What queries are given: they can read, and nothing else. */
export type ReadDb = Pick<
  NodePgDatabase | Tx,
  'select' | 'selectDistinct' | 'selectDistinctOn' | '$count' | 'with'
>

/** Works through PgBouncer in transaction mode: no session state, no named statements. */
export function connect(config: PoolConfig): Db {
  return drizzle({ client: new Pool(config), casing: 'snake_case' })
}

const shared = processShared<{ db?: Db }>('database', () => ({}))

/** Called once by the portal's process, before the first request, and by tests. */
export function useDatabase(db: Db): void {
  shared.value.db = db
}

export function database(): Db {
  if (!shared.value.db) throw new Error('The database is not connected yet')
  return shared.value.db
}
