import { quoteTable, showTable, type TableName } from '../../connectors/postgresql/quote.ts'
import type { PgSession } from '../../connectors/postgresql/session.ts'
import { TaskFailure } from '../failure.ts'
import type { CleanUpTask } from '../routes.ts'
import type { TaskContext } from '../task-context.ts'
import { endOlderSessions, Ledger, sessionName } from './ledger.ts'
import { withSessions } from './open-ends.ts'

/**
 * Ends the run at the sink and removes its staging table. What is left is a mark in the ledger, so that a late process of the
 * run finds that it is over. A published run is left alone.
 */
export async function cleanUpTable({ copy, epoch }: CleanUpTask, ctx: TaskContext): Promise<string[]> {
  const { sink, activityRunId: runId } = copy
  if (sink.kind !== 'table') throw new TaskFailure('internal', 'this route writes to tables')
  ctx.progress({ phase: 'cleaning', rows: '0', bytes: '0' })
  return withSessions(ctx, async (open) => {
    const end = { store: sink.store, side: 'sink', runId, part: 'run', epoch } as const
    const session = await open(end)
    for (const table of await ownTables(session, '_sallyport_ledger%'))
      if (await closeRun(new Ledger(session, table, runId), epoch)) return []
    await endOlderSessions(session, { name: sessionName(runId, undefined, null), epoch })
    const removed: string[] = []
    for (const table of await ownTables(session, `_sallyport_${runId.replaceAll('-', '')}`)) {
      await session.query(`DROP TABLE IF EXISTS ${quoteTable(table)}`)
      removed.push(showTable(table))
    }
    return removed
  })
}

/** True where the run was published, so that there is nothing to clean. */
async function closeRun(ledger: Ledger, epoch: number): Promise<boolean> {
  const { state } = await ledger.claimRun(epoch)
  if (state === 'published') return true
  await ledger.claimRun(epoch, 'cleaned')
  await ledger.closeParts(epoch)
  await ledger.forgetParts()
  return false
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
