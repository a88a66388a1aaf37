import { quoteName, quoteTable, showTable } from '../../../connectors/postgresql/quote.ts'
import type { PgSession } from '../../../connectors/postgresql/session.ts'
import { TaskFailure } from '../../failure.ts'
import type { TableSinkEngine } from '../sink/sink-plan.ts'

/**
 * Binary rows that go straight into the target are taken for what its columns are: four bytes of an integer would become a
 * floating-point number without a word, had somebody changed the table since the copy was planned.
 */
export async function requireSameColumns(session: PgSession, engine: TableSinkEngine): Promise<void> {
  const { target, columns, definitions } = engine
  const types = definitions.map((definition, index) =>
    definition.slice(quoteName(columns[index] ?? '').length + 1),
  )
  const { rows } = await session.query<{ exists: boolean; found: number }>(
    `SELECT to_regclass($1) IS NOT NULL AS exists, count(*)::int AS found FROM unnest($2::text[], $3::text[]) AS planned(name, type)
     JOIN pg_attribute ON attrelid = to_regclass($1) AND attname = name AND NOT attisdropped AND format_type(atttypid, atttypmod) = type`,
    [quoteTable(target), columns, types],
  )
  const [table] = rows
  if (table?.found === columns.length) return
  if (!table?.exists)
    throw new TaskFailure('not_found', `Table ${showTable(target)} is gone.`, { side: 'sink' })
  throw new TaskFailure(
    'schema_mismatch',
    `The columns of ${showTable(target)} were changed after the copy was planned: start a new run.`,
    { side: 'sink' },
  )
}
