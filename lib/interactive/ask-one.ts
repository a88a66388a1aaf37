import type { Tx } from '@/lib/db/client'
import { enqueueInteractive } from '@/lib/interactive/enqueue'
import type { LinkedServiceRow } from '@/lib/linked-services/scope'
import type { Actor } from '@/lib/permissions'
import type { TaskSpec } from '@/lib/protocol/task'
import { wake } from '@/lib/tasks/wake'

/**
 * One request to whichever node is free first. Looking at names and columns leaves no audit row: a person who clicks
 * through a store does it hundreds of times, and changes nothing.
 */
export async function askOne(tx: Tx, asked: { actor: Actor; store: LinkedServiceRow }, spec: TaskSpec) {
  const [taskId] = await enqueueInteractive(tx, asked, [{ spec }])
  if (!taskId) throw new Error('The queue took no task')
  return {
    result: { taskId },
    audit: null,
    after: () => wake([{ runtimeId: asked.store.runtimeId, for: 'tasks' }]),
  }
}
