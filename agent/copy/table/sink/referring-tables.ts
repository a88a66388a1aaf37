import { showTable } from '../../../connectors/postgresql/quote.ts'
import type { Relation } from '../../../connectors/postgresql/relations.ts'
import type { PgSession } from '../../../connectors/postgresql/session.ts'
import { TaskFailure } from '../../failure.ts'

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
