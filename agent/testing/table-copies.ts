import type { CopySpec } from '../../lib/protocol/copy-plan.ts'
import { PostgreSqlAddress } from '../../lib/protocol/stores.ts'
import { PgSession } from '../connectors/postgresql/session.ts'
import { copySpec, createTestDatabase, testContext, type TestDatabase } from './copy-harness.ts'
import { tableSink, tableSource } from './table-ends.ts'

export type Databases = { source: TestDatabase; sink: TestDatabase }

export async function createDatabases(serverUrl: string): Promise<Databases & AsyncDisposable> {
  const source = await createTestDatabase(serverUrl)
  const sink = await createTestDatabase(serverUrl)
  return {
    source,
    sink,
    async [Symbol.asyncDispose]() {
      await source.drop()
      await sink.drop()
    },
  }
}

export type TableCopy = Partial<Pick<CopySpec, 'mapping' | 'options'>> & {
  from?: string
  query?: string
  to?: string
  writeBehavior?: 'append' | 'overwrite' | 'upsert'
  createTable?: boolean
  keys?: string[]
}

/** A copy between tables of `public`, of the same name unless said. */
export function tableCopy({ source, sink }: Databases, table: string, change: TableCopy = {}): CopySpec {
  const { from = table, to = table, query, writeBehavior = 'append', createTable = true, keys = [] } = change
  return copySpec(
    {
      source: query === undefined ? tableSource(source, from) : { kind: 'query', store: source.store, query },
      sink: tableSink(sink, to, { writeBehavior, createTable, keys }),
    },
    {
      ...(change.mapping && { mapping: change.mapping }),
      ...(change.options && { options: change.options }),
    },
  )
}

/** All rows as text, in a fixed order: the test's own comparison, which owes nothing to the product's digests. */
export async function rowsOf(database: TestDatabase, table: string): Promise<string[]> {
  const { rows } = await database.client.query<{ row: string }>(
    `SELECT whole::text AS row FROM ${table} AS whole ORDER BY whole::text COLLATE "C"`,
  )
  return rows.map(({ row }) => row)
}

/** A session of the agent's own, beside those of the copies. */
export async function openSession({ store }: TestDatabase, applicationName: string): Promise<PgSession> {
  const ctx = testContext()
  const address = PostgreSqlAddress.parse(store.address)
  const login = { address, secret: await ctx.secretFor(store), allowedHosts: [], applicationName }
  return PgSession.open(login, { store: 'sink' }, ctx.signal)
}
