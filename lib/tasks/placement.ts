import { formatDuration } from '@/lib/format'
import type { NodeWish } from '@/lib/nodes/schemas'
import { offlineAfterMs } from '@/lib/nodes/status'

/** A queued task and one node of its runtime, by the same rules that the claim filters by (lib/tasks/eligibility.ts). */
export type PlacementFacts = {
  node: {
    wish: NodeWish
    quarantinedAt: Date | null
    approvalSince: Date | null
    lastSeenAt: Date | null
    slotsTotal: number
    /** Copy slots that it has been given work for. */
    busySlots: number
  }
  task: { kind: string; interactive: boolean; runAfter: Date; onlyNodeName: string | null }
  chosen: boolean
  knowsKind: boolean
  knowsStores: boolean
  hasCredentials: boolean
}

/** Why a queued task is not running on this node, the gravest reason first; null: the node takes it with its next poll. */
export function whyNotHere(facts: PlacementFacts, now: Date): string | null {
  const { node, task } = facts
  const silentMs = node.lastSeenAt ? now.getTime() - node.lastSeenAt.getTime() : null
  if (!facts.chosen) return `Only "${task.onlyNodeName ?? 'a node that was removed'}" can do it`
  if (node.quarantinedAt) return 'It is quarantined: two machines showed its identity'
  if (silentMs === null) return 'It has not polled since it was registered'
  if (silentMs > offlineAfterMs) return `It is offline: last heard ${formatDuration(silentMs)} ago`
  if (!facts.knowsKind) return `Its agent is too old for this kind of task (${task.kind})`
  if (!facts.knowsStores) return 'Its agent is too old for one of the stores'
  if (node.wish !== 'active' && !(task.interactive && task.onlyNodeName !== null))
    return node.wish === 'draining' ? 'It drains' : 'It is cordoned'
  if (!facts.hasCredentials && node.approvalSince)
    return 'It waits for an Owner’s approval to read credentials'
  if (!facts.hasCredentials) return 'It has not opened a credential that the task needs'
  const waitMs = task.runAfter.getTime() - now.getTime()
  if (waitMs > 0) return `The task is tried again in ${formatDuration(waitMs)}`
  if (!task.interactive && node.busySlots >= node.slotsTotal)
    return `All its ${node.slotsTotal} slots are taken`
  return null
}
