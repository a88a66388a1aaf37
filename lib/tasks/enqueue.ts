import { tasks } from '@/drizzle/schema/runs'
import type { Tx } from '@/lib/db/client'
import type { StoreType } from '@/lib/protocol/stores'
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
  const rows = newTasks.map((task, index) => ({
    priority: task.interactive ? interactivePriority : 0,
    ...task,
    id: ids[index],
    kind: task.spec.kind,
    storeTypes: storesOf(task.spec),
  }))
  await tx.insert(tasks).values(rows)
  return ids
}

/** Somebody waits for it: before every part of every copy. */
const interactivePriority = -100

function storesOf(spec: TaskSpec): StoreType[] {
  const stores = 'copy' in spec ? [spec.copy.source.store, spec.copy.sink.store] : [spec.store]
  return [...new Set(stores.map((store) => store.address.type))]
}
