import { and, asc, eq } from 'drizzle-orm'
import { activityRuns, pipelineRuns, tasks } from '@/drizzle/schema/runs'
import { type Context, requirePermission } from '@/lib/command'
import { labelColumns, taskLabel } from '@/lib/tasks/label'
import type { TaskKind } from '@/lib/protocol/task'
import { runtimeScope } from '@/lib/runtimes/scope'
import { explainWaiting, type NodeReason } from '@/lib/tasks/explain-waiting'

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
  nodes: NodeReason[]
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
  const reasons = await explainWaiting(
    ctx.db,
    waiting.map(({ id }) => id),
  )
  return waiting.map(({ createdAt, activity, part, ...task }) => ({
    ...task,
    label: taskLabel(task.kind, activity, part),
    queuedAt: createdAt.toISOString(),
    nodes: reasons.get(task.id) ?? [],
  }))
}
