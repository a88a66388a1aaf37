import { and, eq, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { tasks } from '@/drizzle/schema/runs'
import { nodes, runtimes } from '@/drizzle/schema/runtimes'
import { clock } from '@/lib/db/clock'
import type { Db } from '@/lib/db/client'
import type { Wake } from '@/lib/tasks/wake'

/** Longer than any retry waits (backoff.ts). */
const longestWaitSeconds = 60
/** Longer than any lease lasts, also one under a setting that was lowered meanwhile. */
const longestLeaseSeconds = 600

/**
 * The database's clock was set back: what was due by the old time would wait until then, and who fell silent would count as
 * alive. Times further ahead than anybody writes them are brought to the present. Answers whom to wake.
 */
export async function mendSetBackClock(db: Db): Promise<Wake[]> {
  const due = await db
    .update(tasks)
    .set({ runAfter: clock })
    .where(and(eq(tasks.state, 'queued'), isAhead(tasks.runAfter, longestWaitSeconds)))
    .returning({ runtimeId: tasks.runtimeId })
  await db
    .update(tasks)
    .set({ leaseUntil: sql`clock_timestamp() + make_interval(secs => ${runtimes.leaseSeconds})` })
    .from(runtimes)
    .where(
      and(
        eq(runtimes.id, tasks.runtimeId),
        sql`${tasks.state} in ('leased', 'committing')`,
        isAhead(tasks.leaseUntil, longestLeaseSeconds),
      ),
    )
  await db
    .update(nodes)
    .set({ lastSeenAt: clock, lastPollAt: sql`least(${nodes.lastPollAt}, clock_timestamp())` })
    .where(isAhead(nodes.lastSeenAt, longestWaitSeconds))
  // It lasts seconds; whose node died meanwhile is then offered to another.
  await db
    .update(runtimes)
    .set({ vaultWorkUntil: clock })
    .where(isAhead(runtimes.vaultWorkUntil, longestWaitSeconds))
  return [...new Set(due.map(({ runtimeId }) => runtimeId))].map((runtimeId) => ({ runtimeId, for: 'tasks' }))
}

function isAhead(time: PgColumn, seconds: number) {
  return sql`${time} > clock_timestamp() + make_interval(secs => ${seconds})`
}
