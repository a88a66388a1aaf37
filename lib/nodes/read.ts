import { and, eq, inArray, isNull, type SQL, sql } from 'drizzle-orm'
import { tasks } from '@/drizzle/schema/runs'
import { nodes, runtimes } from '@/drizzle/schema/runtimes'
import { clockMs } from '@/lib/db/clock'
import type { ReadDb } from '@/lib/db/client'
import { nodeStatus, type NodeStatus, unheardAfterMs } from '@/lib/nodes/status'
import type { CopyProgress } from '@/lib/protocol/copy-plan'
import type { TaskKind } from '@/lib/protocol/task'
import { labelColumns, taskLabel } from '@/lib/tasks/label'

/** Linked services of the node's runtime that have a credential; and those of them that this node opened as they are now. */
const credentialsTotal = sql<number>`(
  select count(*)::int from linked_services s
  where s.runtime_id = ${nodes.runtimeId} and s.credential_version > 0)`
const credentialsOpened = sql<number>`(
  select count(*)::int from node_credentials c join linked_services s on s.id = c.linked_service_id
  where c.node_id = ${nodes.id} and s.runtime_id = ${nodes.runtimeId} and s.credential_version > 0
    and c.version >= s.credential_version and c.opened_at is not null)`

export type NodeRow = Awaited<ReturnType<typeof selectNodes>>[number]

/** Registered nodes with all that their state is judged by. The caller has authorised, and says which by `where`. */
export async function selectNodes(db: ReadDb, where: SQL | undefined, limit?: number) {
  const found = db
    .select({
      node: nodes,
      factoryId: runtimes.factoryId,
      runtimeGeneration: runtimes.vaultGeneration,
      credentialsTotal,
      credentialsOpened,
      nowMs: clockMs,
    })
    .from(nodes)
    .innerJoin(runtimes, eq(runtimes.id, nodes.runtimeId))
    .where(and(isNull(nodes.removedAt), where))
    .orderBy(sql`lower(${nodes.displayName})`, nodes.id)
    .$dynamic()
  const rows = await (limit === undefined ? found : found.limit(limit))
  return rows.map((row) => ({ ...row.node, ...factsOf(row), status: judge(row, new Date(row.nowMs)) }))
}

type Selected = {
  node: typeof nodes.$inferSelect
  factoryId: string
  runtimeGeneration: number
  credentialsTotal: number
  credentialsOpened: number
  nowMs: number
}

function factsOf({ node, factoryId, runtimeGeneration, credentialsTotal, credentialsOpened }: Selected) {
  return {
    factoryId,
    vault: {
      generation: node.vaultGeneration,
      runtimeGeneration,
      error: node.vaultError,
      approvalSince: node.approvalSince,
    },
    credentials: { opened: credentialsOpened, total: credentialsTotal },
  }
}

function judge(row: Selected, now: Date): NodeStatus {
  const { wish, registeredAt, lastSeenAt, quarantinedAt } = row.node
  return nodeStatus({ wish, registeredAt, lastSeenAt, quarantinedAt, ...factsOf(row) }, now)
}

/** Of a node that holds something. */
export const isUnheard = sql<boolean>`(${nodes.lastSeenAt} < clock_timestamp() - make_interval(secs => ${unheardAfterMs / 1000}))`

export type NodeTask = {
  id: string
  nodeId: string
  kind: TaskKind
  /** `Copy flights · blocks 0–8191`. */
  label: string
  pipelineRunId: string | null
  attempt: number
  epoch: number
  interactive: boolean
  progress: CopyProgress | null
  startedAt: string | null
  /** While its node is not heard: when others may take it. */
  movesAt: string | null
}

/** What these nodes hold at this moment. */
export async function selectNodeTasks(db: ReadDb, nodeIds: string[]): Promise<NodeTask[]> {
  if (nodeIds.length === 0) return []
  const rows = await db
    .select({
      id: tasks.id,
      nodeId: tasks.nodeId,
      kind: tasks.kind,
      attempt: tasks.attempt,
      epoch: tasks.epoch,
      interactive: tasks.interactive,
      progress: tasks.progress,
      startedAt: tasks.startedAt,
      leaseUntil: tasks.leaseUntil,
      isUnheard,
      pipelineRunId: sql<string | null>`${tasks.spec} -> 'copy' ->> 'pipelineRunId'`,
      ...labelColumns,
    })
    .from(tasks)
    .innerJoin(nodes, eq(nodes.id, tasks.nodeId))
    .where(and(inArray(tasks.nodeId, nodeIds), inArray(tasks.state, ['leased', 'committing'])))
    .orderBy(tasks.createdAt, tasks.id)
  return rows.flatMap(({ nodeId, startedAt, leaseUntil, isUnheard, activity, part, ...task }) =>
    nodeId === null
      ? []
      : [
          {
            ...task,
            nodeId,
            startedAt: startedAt?.toISOString() ?? null,
            // An answer that somebody waits for moves nowhere.
            movesAt: isUnheard && !task.interactive ? (leaseUntil?.toISOString() ?? null) : null,
            label: taskLabel(task.kind, activity, part),
          },
        ],
  )
}
