import { and, asc, eq, inArray, isNull, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { tasks } from '@/drizzle/schema/runs'
import { nodes } from '@/drizzle/schema/runtimes'
import { clockMs } from '@/lib/db/clock'
import type { ReadDb } from '@/lib/db/client'
import { eligibility } from '@/lib/tasks/eligibility'
import { type PlacementFacts, whyNotHere } from '@/lib/tasks/placement'

/** Per node of a task's runtime, why the task is not running there; null: the node takes it with its next poll. */
export type NodeReason = { nodeId: string; name: string; why: string | null }

/** Why these queued tasks wait. */
export async function explainWaiting(
  db: ReadDb,
  taskIds: readonly string[],
): Promise<Map<string, NodeReason[]>> {
  const byTask = new Map<string, NodeReason[]>()
  if (taskIds.length === 0) return byTask
  for (const { taskId, nodeId, name, nowMs, facts } of await readFacts(db, taskIds)) {
    const nodesOf = byTask.get(taskId) ?? []
    nodesOf.push({ nodeId, name, why: whyNotHere(facts, new Date(nowMs)) })
    byTask.set(taskId, nodesOf)
  }
  return byTask
}

async function readFacts(
  db: ReadDb,
  taskIds: readonly string[],
): Promise<{ taskId: string; nodeId: string; name: string; nowMs: number; facts: PlacementFacts }[]> {
  const [t, n, only] = [alias(tasks, 't'), alias(nodes, 'n'), alias(nodes, 'only_node')]
  const rows = await db
    .select({
      taskId: t.id,
      nodeId: n.id,
      name: n.displayName,
      nowMs: clockMs,
      node: {
        wish: n.wish,
        quarantinedAt: n.quarantinedAt,
        approvalSince: n.approvalSince,
        lastSeenAt: n.lastSeenAt,
        slotsTotal: n.slotsTotal,
        busySlots: sql<number>`(select count(*)::int from tasks busy where busy.node_id = n.id
          and busy.state in ('leased', 'committing') and not busy.interactive)`,
      },
      task: {
        kind: t.kind,
        interactive: t.interactive,
        runAfter: t.runAfter,
        onlyNodeName: only.displayName,
      },
      chosen: sql<boolean>`${eligibility.chosen}`,
      knowsKind: sql<boolean>`${eligibility.knowsKind}`,
      knowsStores: sql<boolean>`${eligibility.knowsStores}`,
      hasCredentials: sql<boolean>`${eligibility.hasCredentials}`,
    })
    .from(t)
    .innerJoin(n, and(eq(n.runtimeId, t.runtimeId), isNull(n.removedAt)))
    .leftJoin(only, eq(only.id, t.onlyNodeId))
    .where(inArray(t.id, [...taskIds]))
    .orderBy(asc(n.displayName))
  return rows.map(({ taskId, nodeId, name, nowMs, ...facts }) => ({ taskId, nodeId, name, nowMs, facts }))
}
