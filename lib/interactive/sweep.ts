import { and, eq, inArray, lt, sql } from 'drizzle-orm'
import { tasks } from '@/drizzle/schema/runs'
import type { Db, Tx } from '@/lib/db/client'
import { isInteractive } from '@/lib/interactive/is-interactive'
import { interactiveQueueMs, interactiveTotalMs } from '@/lib/interactive/schemas'
import type { Failure } from '@/lib/protocol/failure'

/** Answers name tables and files of the stores: they are kept only as long as a slow page may need them. */
const keptMs = 300_000

const unanswered: Failure = {
  code: 'timeout',
  message: `No node took the request within ${interactiveQueueMs / 1000} s`,
  side: 'portal',
  retryable: true,
}

/** Ends what nobody answered, stops what takes too long, and forgets what was answered. Runs every few seconds. */
export async function sweepInteractive(db: Db | Tx): Promise<{ ended: number; forgotten: number }> {
  const ended = await db
    .update(tasks)
    .set({ state: 'failed', failure: unanswered, endedAt: sql`now()` })
    .where(and(isInteractive, eq(tasks.state, 'queued'), olderThan(interactiveQueueMs)))
    .returning({ id: tasks.id })
  await db
    .update(tasks)
    .set({ cancelRequestedAt: sql`coalesce(${tasks.cancelRequestedAt}, now())` })
    .where(and(isInteractive, eq(tasks.state, 'leased'), olderThan(interactiveTotalMs)))
  const forgotten = await db
    .delete(tasks)
    .where(
      and(
        isInteractive,
        inArray(tasks.state, ['succeeded', 'failed', 'cancelled']),
        lt(tasks.endedAt, sql`now() - ${keptMs} * interval '1 millisecond'`),
      ),
    )
    .returning({ id: tasks.id })
  return { ended: ended.length, forgotten: forgotten.length }
}

function olderThan(ms: number) {
  return lt(tasks.createdAt, sql`now() - ${ms} * interval '1 millisecond'`)
}
