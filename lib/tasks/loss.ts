import type { tasks } from '@/drizzle/schema/runs'
import type { CopyProgress } from '@/lib/protocol/copy-plan'
import type { Failure } from '@/lib/protocol/failure'
import { specLabel } from '@/lib/tasks/label'

/**
 * An attempt that was lost says nothing about its task: a node or its lease went away. So many at the same place, though, may
 * be the task's own doing, and it stops instead of felling the fleet. More than the four nodes that a runtime usually has,
 * so that no round of restarts, one node after the other, ends a copy.
 */
const mostLosses = 5

type Task = typeof tasks.$inferSelect
export type Loss = { lostAttempts: number; farthestBytes: number }

/**
 * What a lost attempt leaves: losses count from anew only where the task got further than ever before, because each attempt
 * begins below the place where the one before it ended.
 */
export function afterLoss({ lostAttempts, farthestBytes }: Loss, progress: CopyProgress | null): Loss {
  const bytes = Math.min(Number(progress?.bytes ?? 0), Number.MAX_SAFE_INTEGER)
  if (bytes > farthestBytes) return { lostAttempts: 1, farthestBytes: bytes }
  return { lostAttempts: lostAttempts + 1, farthestBytes }
}

/** A node that still answers for a task whose lease had lapsed was not lost after all. */
export function withoutLapse({ state, lostAttempts, farthestBytes }: Task): Loss {
  return { lostAttempts: state === 'queued' ? Math.max(0, lostAttempts - 1) : lostAttempts, farthestBytes }
}

/** The end of a task that was lost too often; null while it may be handed out again. */
export function lostTooOften(
  task: Pick<Task, 'kind' | 'spec'>,
  { lostAttempts }: Loss,
  last: { nodeName: string; how: string },
): Failure | null {
  if (lostAttempts < mostLosses) return null
  const how = last.how.replace(/\.$/, '').slice(0, 2000)
  return {
    code: 'poison',
    message: `"${specLabel(task)}" was lost ${lostAttempts} times without getting any further, the last time by "${last.nodeName}": ${how}. No other node gets it, because the task itself may be what stops them. Find the reason in that node's log (out of memory, restarts, heartbeats that do not arrive), then resume the run.`,
    side: 'node',
    retryable: false,
  }
}
