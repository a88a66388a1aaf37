import { showTable } from '../../../connectors/postgresql/quote.ts'
import type { Relation } from '../../../connectors/postgresql/relations.ts'
import type { PgSession } from '../../../connectors/postgresql/session.ts'
import { TaskFailure } from '../../failure.ts'

/** Others hold fast to rows that they refer to: an overwrite has to bring them again. */
export async function referringWarnings(session: PgSession, { oid, name }: Relation): Promise<string[]> {
  const { rows } = await session.query<{ child: string }>(
    `SELECT DISTINCT conrelid::regclass::text AS child FROM pg_constraint
     WHERE contype = 'f' AND confrelid = $1::int8::oid AND conrelid <> confrelid AND conparentid = 0 ORDER BY 1`,
    [oid],
  )
  if (rows.length === 0) return []
  const children = rows.map(({ child }) => child).join(', ')
  return [
    `Rows of ${children} refer to ${showTable(name)} of the sink: where one refers to a row that the copy does not bring, the copy ends without replacing any.`,
  ]
}

/**
 * Emptying a table would reach into others that refer to it with ON DELETE CASCADE, SET NULL or SET DEFAULT: nobody who
 * overwrites one table means to lose rows of another.
 */
export async function requireNoneReferring(session: PgSession, { oid, name }: Relation): Promise<void> {
  const { rows } = await session.query<{ child: string; constraint: string }>(
    `SELECT conrelid::regclass::text AS child, conname AS constraint FROM pg_constraint
     WHERE contype = 'f' AND confrelid = $1::int8::oid AND conrelid <> confrelid AND confdeltype IN ('c', 'n', 'd') LIMIT 1`,
    [oid],
  )
  const [found] = rows
  if (!found) return
  throw new TaskFailure(
    'key_violation',
    `Overwriting ${showTable(name)} would delete or change rows of ${found.child}, which refers to it (constraint ${found.constraint}, ON DELETE). Use upsert, or take the constraint away first.`,
    { side: 'sink' },
  )
}
