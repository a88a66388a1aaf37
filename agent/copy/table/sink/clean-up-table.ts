import { z } from 'zod'
import type { CleanUpResult } from '../../../../lib/protocol/task.ts'
import { quoteTable, showTable, type TableName } from '../../../connectors/postgresql/quote.ts'
import type { PgSession } from '../../../connectors/postgresql/session.ts'
import { TaskFailure } from '../../failure.ts'
import type { CleanUpTask } from '../../routes.ts'
import type { TaskContext } from '../../task-context.ts'
import { endOlderSessions, Ledger, sessionName } from './ledger.ts'
import { withSessions } from '../open-ends.ts'

/**
 * Ends the run at the sink and removes its staging table. What is left is a mark in the ledger, so that a late process of the
 * run finds that it is over. A published run is left alone.
 */
export async function cleanUpTable(
  { copy, plan, epoch }: CleanUpTask,
  ctx: TaskContext,
): Promise<CleanUpResult> {
  const { sink, activityRunId: runId } = copy
  if (sink.kind !== 'table') throw new TaskFailure('internal', 'this route writes to tables')
  ctx.progress({ phase: 'cleaning', rows: '0', bytes: '0' })
  return withSessions(ctx, async (open) => {
    const end = { store: sink.store, side: 'sink', runId, part: 'run', epoch } as const
    const session = await open(end)
    const { isPublished, committed } = await closeRuns(session, { runId, epoch })
    const rowsLeft = plan?.writesThrough && committed !== null ? { rowsLeft: String(committed) } : {}
    if (isPublished) return { removed: [], ...rowsLeft }
    await endOlderSessions(session, { name: sessionName(runId, undefined, null), epoch })
    const removed: string[] = []
    for (const table of await ownTables(session, `_sallyport_${runId.replaceAll('-', '')}`)) {
      await session.query(`DROP TABLE IF EXISTS ${quoteTable(table)}`)
      removed.push(showTable(table))
    }
    return { removed, ...rowsLeft }
  })
}

/** `committed`: how many rows its parts had committed; null where no ledger remembers the run. */
type Closed = { isPublished: boolean; committed: bigint | null }

async function closeRuns(
  session: PgSession,
  { runId, epoch }: { runId: string; epoch: number },
): Promise<Closed> {
  let committed: bigint | null = null
  for (const table of await ownTables(session, '_sallyport_ledger%')) {
    const closed = await closeRun(new Ledger(session, table, runId), epoch)
    if (closed.isPublished) return closed
    if (closed.committed !== null) committed = (committed ?? 0n) + closed.committed
  }
  return { isPublished: false, committed }
}

/** What a cleaned run keeps in its ledger, for a second clean-up after a lost answer. */
const Cleaned = z.object({ committed: z.string() })

async function closeRun(ledger: Ledger, epoch: number): Promise<Closed> {
  const { state, note } = await ledger.claimRun(epoch)
  const noted = state === 'cleaned' ? Cleaned.safeParse(note).data : undefined
  const parts = await ledger.closeParts(epoch)
  // Every run that has parts has a note, its plan; without one the ledger has forgotten it.
  const counted = note === null ? null : [...parts.values()].reduce((sum, { rows }) => sum + rows, 0n)
  const committed = noted ? BigInt(noted.committed) : counted
  if (state === 'published') return { isPublished: true, committed }
  await ledger.claimRun(epoch, 'cleaned')
  if (committed !== null) await ledger.setNote(epoch, { committed: String(committed) })
  await ledger.forgetParts()
  return { isPublished: false, committed }
}

async function ownTables(session: PgSession, pattern: string): Promise<TableName[]> {
  const { rows } = await session.query<TableName>(
    `SELECT n.nspname AS schema, c.relname AS table FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND c.relname LIKE replace($1, '_', '\\_') AND has_table_privilege(c.oid, 'INSERT')
       AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE')`,
    [pattern],
  )
  return rows
}
