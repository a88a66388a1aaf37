import { and, eq, gt } from 'drizzle-orm'
import { tasks } from '@/drizzle/schema/runs'
import type { Tx } from '@/lib/db/client'
import { conflict } from '@/lib/errors'
import { formatQuantity } from '@/lib/format'
import { TaskResult } from '@/lib/protocol/task'
import { describeSink } from '@/lib/runs/resolve/describe-copy'
import type { ActivityRow } from '@/lib/runs/activity/load-activity'

/**
 * A copy that was cleaned up can only begin at the first row. Rows that its parts had appended directly stay in the target,
 * and nothing there tells them from others any more, so that they would be there twice.
 */
export async function requireNothingAppended(tx: Tx, activity: ActivityRow): Promise<void> {
  if (!activity.plan?.writesThrough) return
  const rows = await rowsLeft(tx, activity.id)
  if (!wouldAppendTwice({ appendsDirectly: true, hadParts: await hadParts(tx, activity.id), rowsLeft: rows }))
    return
  const target = describeSink(activity.spec.sink)
  const state =
    rows === null
      ? `it appends directly to ${target}, and it is not known how many rows it had appended`
      : `${formatQuantity(rows, 'row')} that it appended are in ${target} already, and it would append them again`
  throw conflict(
    `Cannot resume "${activity.name}" from its first row: ${state}. Remove there what is too much, then start a new run`,
  )
}

/** What a copy wrote, as far as its own rows tell; `rowsLeft` is null where the clean-up could not say. */
export type Appended = { appendsDirectly: boolean; hadParts: boolean; rowsLeft: string | null }

/** The same for whoever only looks: the page offers no resume that would be refused. */
export function wouldAppendTwice({ appendsDirectly, hadParts, rowsLeft }: Appended): boolean {
  return appendsDirectly && hadParts && rowsLeft !== '0'
}

/** The epoch tells: attempts are counted back where a node hands its task back, whatever it had committed. */
async function hadParts(tx: Tx, activityRunId: string): Promise<boolean> {
  const [part] = await tx
    .select({ id: tasks.id })
    .from(tasks)
    .where(and(eq(tasks.activityRunId, activityRunId), eq(tasks.kind, 'copyPart'), gt(tasks.epoch, 0)))
    .limit(1)
  return part !== undefined
}

/** What the clean-up found in the ledger of the sink; null where it could not say. */
async function rowsLeft(tx: Tx, activityRunId: string): Promise<string | null> {
  const [cleanUp] = await tx
    .select({ result: tasks.result })
    .from(tasks)
    .where(
      and(
        eq(tasks.activityRunId, activityRunId),
        eq(tasks.kind, 'cleanUpCopy'),
        eq(tasks.state, 'succeeded'),
      ),
    )
  if (!cleanUp) return null
  const answer = TaskResult.parse(cleanUp.result)
  return answer.kind === 'cleanUpCopy' ? (answer.result.rowsLeft ?? null) : null
}
