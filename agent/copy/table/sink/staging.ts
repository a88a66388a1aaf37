import { quoteTable } from '../../../connectors/postgresql/quote.ts'
import type { PgSession } from '../../../connectors/postgresql/session.ts'
import { createOnce } from './ledger.ts'
import type { TableSinkEngine } from './sink-plan.ts'

/** Creates the table that parts fill, unless an earlier attempt did. */
export async function createStaging(session: PgSession, engine: TableSinkEngine): Promise<void> {
  if (engine.mode === 'direct' || engine.mode === 'transaction') return
  await createOnce(
    session,
    `CREATE TABLE IF NOT EXISTS ${quoteTable(engine.writeTo)} (${engine.definitions.join(', ')})`,
  )
}

/** How many heap blocks a table has now. */
export async function blockCount(session: PgSession, table: TableSinkEngine['writeTo']): Promise<number> {
  const { rows } = await session.query<{ blocks: number }>(
    `SELECT (pg_relation_size(to_regclass($1)) / current_setting('block_size')::int)::float8 AS blocks`,
    [quoteTable(table)],
  )
  return rows[0]?.blocks ?? 0
}
