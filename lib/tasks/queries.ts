import { and, asc, eq, inArray, isNull, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { activityRuns, pipelineRuns, tasks } from '@/drizzle/schema/runs'
import { nodes } from '@/drizzle/schema/runtimes'
import { type Context, requirePermission } from '@/lib/command'
import { labelColumns, taskLabel } from '@/lib/tasks/label'
import type { TaskKind } from '@/lib/protocol/task'
import { runtimeScope } from '@/lib/runtimes/scope'
import { eligibility } from '@/lib/tasks/eligibility'
import { type PlacementFacts, whyNotHere } from '@/lib/tasks/placement'

/** A task that waits, and per node of its runtime why it is not running there; null: the node takes it with its next poll. */
export type WaitingTask = {
  id: string
  kind: TaskKind
  partIndex: number | null
  /** Activity and step or part: `Copy flights · blocks 0–8191`. */
  label: string
  queuedAt: string
  attempt: number
  pipelineRunId: string | null
  pipelineName: string | null
  nodes: { nodeId: string; name: string; why: string | null }[]
}

/** More than a person reads; a backlog's head tells why it stands. */
const listed = 50

/** The head of a runtime's queue, in the order in which nodes take it. */
export async function listWaitingTasks(ctx: Context, runtimeId: string): Promise<WaitingTask[]> {
  requirePermission(ctx, 'runtimes.read', await runtimeScope(ctx.db, ctx.actor, runtimeId))
  const waiting = await ctx.db
    .select({
      id: tasks.id,
      kind: tasks.kind,
      partIndex: tasks.partIndex,
      createdAt: tasks.createdAt,
      attempt: tasks.attempt,
      pipelineRunId: pipelineRuns.id,
      pipelineName: pipelineRuns.pipelineName,
      ...labelColumns,
    })
    .from(tasks)
    .leftJoin(activityRuns, eq(activityRuns.id, tasks.activityRunId))
    .leftJoin(pipelineRuns, eq(pipelineRuns.id, activityRuns.pipelineRunId))
    .where(and(eq(tasks.runtimeId, runtimeId), eq(tasks.state, 'queued')))
    .orderBy(asc(tasks.priority), asc(tasks.runAfter), asc(tasks.id))
    .limit(listed)
  const reasons = await explain(
    ctx,
    waiting.map(({ id }) => id),
  )
  return waiting.map(({ createdAt, activity, part, ...task }) => ({
    ...task,
    label: taskLabel(task.kind, activity, part),
    queuedAt: createdAt.toISOString(),
    nodes: reasons.get(task.id) ?? [],
  }))
}

async function explain(ctx: Context, taskIds: string[]): Promise<Map<string, WaitingTask['nodes']>> {
  const byTask = new Map<string, WaitingTask['nodes']>()
  if (taskIds.length === 0) return byTask
  const now = new Date()
  for (const { taskId, nodeId, name, facts } of await readFacts(ctx, taskIds)) {
    const nodesOf = byTask.get(taskId) ?? []
    nodesOf.push({ nodeId, name, why: whyNotHere(facts, now) })
    byTask.set(taskId, nodesOf)
  }
  return byTask
}

async function readFacts(
  ctx: Context,
  taskIds: string[],
): Promise<{ taskId: string; nodeId: string; name: string; facts: PlacementFacts }[]> {
  const [t, n, only] = [alias(tasks, 't'), alias(nodes, 'n'), alias(nodes, 'only_node')]
  const rows = await ctx.db
    .select({
      taskId: t.id,
      nodeId: n.id,
      name: n.displayName,
      node: {
        wish: n.wish,
        quarantinedAt: n.quarantinedAt,
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
    .where(inArray(t.id, taskIds))
    .orderBy(asc(n.displayName))
  return rows.map(({ taskId, nodeId, name, ...facts }) => ({ taskId, nodeId, name, facts }))
}
