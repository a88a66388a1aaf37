import { and, eq, inArray, sql } from 'drizzle-orm'
import { nodes, runtimes } from '@/drizzle/schema/runtimes'
import { tasks } from '@/drizzle/schema/runs'
import type { ReadDb } from '@/lib/db/client'
import { formatDuration } from '@/lib/format'
import { isUnheard } from '@/lib/nodes/read'
import { suspectAfterMs, unheardAfterMs } from '@/lib/nodes/status'

/** A node that holds something of an activity and is not heard: nobody knows whether it still works on it. */
export type SilentNode = {
  nodeId: string
  name: string
  lastSeenAt: string
  /** When the last of its leases ends, and others may take what it holds. */
  leaseUntil: string
  parts: number
  /** Prepare, publish or clean-up, which are one task each. */
  steps: number
  runtimeName: string
  /** Other nodes of the runtime that are heard and take work. */
  others: number
  rule: string
}

const others = sql<number>`(select count(*)::int from nodes o
  where o.runtime_id = ${nodes.runtimeId} and o.id <> ${nodes.id} and o.removed_at is null and o.quarantined_at is null
    and o.wish = 'active' and o.last_seen_at > clock_timestamp() - make_interval(secs => ${suspectAfterMs / 1000}))`

/** Per activity, the silent nodes that hold something of it. */
export async function readSilent(
  db: ReadDb,
  activityRunIds: readonly string[],
): Promise<Map<string, SilentNode[]>> {
  if (activityRunIds.length === 0) return new Map()
  const rows = await db
    .select({
      activityRunId: tasks.activityRunId,
      nodeId: nodes.id,
      name: nodes.displayName,
      lastSeenAt: nodes.lastSeenAt,
      leaseUntilMs: sql<string>`(extract(epoch from max(${tasks.leaseUntil})) * 1000)::bigint`,
      parts: sql<number>`(count(*) filter (where ${tasks.kind} = 'copyPart'))::int`,
      steps: sql<number>`(count(*) filter (where ${tasks.kind} <> 'copyPart'))::int`,
      runtimeName: runtimes.name,
      leaseSeconds: runtimes.leaseSeconds,
      others,
    })
    .from(tasks)
    .innerJoin(nodes, eq(nodes.id, tasks.nodeId))
    .innerJoin(runtimes, eq(runtimes.id, nodes.runtimeId))
    .where(
      and(
        inArray(tasks.activityRunId, [...activityRunIds]),
        inArray(tasks.state, ['leased', 'committing']),
        isUnheard,
      ),
    )
    .groupBy(tasks.activityRunId, nodes.id, runtimes.id)
    .orderBy(sql`lower(${nodes.displayName})`)
  const silent = new Map<string, SilentNode[]>()
  for (const { activityRunId, lastSeenAt, leaseUntilMs, leaseSeconds, ...node } of rows) {
    if (activityRunId === null || lastSeenAt === null) continue
    const list = silent.get(activityRunId) ?? []
    silent.set(activityRunId, list)
    list.push({
      ...node,
      lastSeenAt: lastSeenAt.toISOString(),
      leaseUntil: new Date(Number(leaseUntilMs)).toISOString(),
      rule: `A node that works is heard every second or two; after ${formatDuration(unheardAfterMs)} of silence nobody knows whether it still does. Each word from it renews its leases for ${formatDuration(leaseSeconds * 1000)}.`,
    })
  }
  return silent
}
