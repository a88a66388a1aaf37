import type { CopySpec } from '../../lib/protocol/copy-plan.ts'
import { copySpec, createTestDatabase, type TestDatabase } from './copy-harness.ts'

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
      source:
        query === undefined
          ? { kind: 'table', store: source.store, schema: 'public', table: from }
          : { kind: 'query', store: source.store, query },
      sink: {
        kind: 'table',
        store: sink.store,
        schema: 'public',
        table: to,
        writeBehavior,
        createTable,
        keys,
      },
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
