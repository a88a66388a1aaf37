import { tasks } from '@/drizzle/schema/runs'
import type { Tx } from '@/lib/db/client'
import type { TaskSpec } from '@/lib/protocol/task'
import { orderedIds } from '@/lib/tasks/ordered-ids'

export type NewTask = {
  runtimeId: string
  spec: TaskSpec
  activityRunId?: string
  /** For copyPart: the part's index in the plan. */
  partIndex?: number
  /** Smaller goes first; 0 where nobody says. */
  priority?: number
  /** How often it may fail with a retryable reason before it ends as failed. Lost nodes and hand-backs do not count. */
  maxAttempts?: number
  /** What a node must have opened before it may take the task. */
  requiredCredentials?: { linkedServiceId: string; version: number }[]
  interactive?: boolean
  requestedBy?: string
  onlyNodeId?: string
}

/** Puts tasks into the queue, in this order, and answers their ids. Call `wakeRuntimes` after the commit. */
export async function enqueueTasks(tx: Tx, newTasks: NewTask[]): Promise<string[]> {
  if (newTasks.length === 0) return []
  const ids = orderedIds(newTasks.length, Date.now())
  const rows = newTasks.map((task, index) => ({ ...task, id: ids[index], kind: task.spec.kind }))
  await tx.insert(tasks).values(rows)
  return ids
}
