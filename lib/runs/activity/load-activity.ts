import { and, asc, eq, inArray, type SQL, sql } from 'drizzle-orm'
import { activityRuns, pipelineRuns, tasks } from '@/drizzle/schema/runs'
import type { Tx } from '@/lib/db/client'
import {
  type CopyState,
  isWorthKeeping,
  type SingleKind,
  type TaskView,
} from '@/lib/runs/activity/activity-machine'
import type { TaskState } from '@/lib/runs/schemas'

export type ActivityRow = typeof activityRuns.$inferSelect

/** Data Factory's own upper limit of parallel copies; without a wish, so many parts stand in the queue at once. */
const maxQueuedParts = 256

export async function loadActivity(tx: Tx, activityRunId: string): Promise<ActivityRow | undefined> {
  const [activity] = await tx.select().from(activityRuns).where(eq(activityRuns.id, activityRunId))
  return activity
}

/** The activity as its state machine sees it. */
export async function loadCopyState(tx: Tx, activity: ActivityRow): Promise<CopyState> {
  const singles = await loadSingles(tx, activity.id)
  const { plan, failure } = activity
  const parts = await countParts(tx, activity.id)
  return {
    phase: activity.phase,
    dependencies: activity.phase === 'waiting' ? await dependenciesOf(tx, activity) : 'met',
    cancelRequested: activity.cancelRequestedAt !== null,
    failed: failure !== null,
    worthKeeping: failure !== null && isWorthKeeping(failure.code) && parts.attempts > 0,
    orphaned: activity.runtimeId === null,
    prepare: singles.get('prepareCopy') ?? null,
    publish: singles.get('publishCopy') ?? null,
    cleanUp: singles.get('cleanUpCopy') ?? null,
    parts: { ...parts, total: plan?.parts.length ?? 0 },
    limit: Math.min(plan?.maxParallelParts ?? 1, activity.spec.options.parallelCopies ?? maxQueuedParts),
  }
}

/** The snapshot of the pipeline says what the activity depends on. */
async function dependenciesOf(tx: Tx, activity: ActivityRow): Promise<CopyState['dependencies']> {
  const [run] = await tx
    .select({ definition: pipelineRuns.definition })
    .from(pipelineRuns)
    .where(eq(pipelineRuns.id, activity.pipelineRunId))
  const own = run?.definition.activities.find(({ name }) => name === activity.name)
  const names = (own?.dependsOn ?? []).map((dependency) => dependency.activity)
  if (names.length === 0) return 'met'
  const statuses = await tx
    .select({ status: activityRuns.status })
    .from(activityRuns)
    .where(and(eq(activityRuns.pipelineRunId, activity.pipelineRunId), inArray(activityRuns.name, names)))
  if (statuses.some(({ status }) => status === 'Failed' || status === 'Cancelled')) return 'failed'
  return statuses.every(({ status }) => status === 'Succeeded') ? 'met' : 'pending'
}

async function loadSingles(tx: Tx, activityRunId: string): Promise<Map<SingleKind, TaskView>> {
  const kinds = ['prepareCopy', 'publishCopy', 'cleanUpCopy'] as const
  const rows = await tx
    .select({
      kind: tasks.kind,
      state: tasks.state,
      attempt: tasks.attempt,
      cancelRequestedAt: tasks.cancelRequestedAt,
    })
    .from(tasks)
    .where(and(eq(tasks.activityRunId, activityRunId), inArray(tasks.kind, [...kinds])))
    .orderBy(asc(tasks.createdAt))
  const views = new Map<SingleKind, TaskView>()
  for (const { kind, state, attempt, cancelRequestedAt } of rows) {
    const single = kinds.find((name) => name === kind)
    if (single) views.set(single, { state, attempt, cancelRequested: cancelRequestedAt !== null })
  }
  return views
}

async function countParts(tx: Tx, activityRunId: string): Promise<Omit<CopyState['parts'], 'total'>> {
  const [counts] = await tx
    .select({
      created: sql<number>`count(*)::int`,
      queued: inState('queued'),
      running: inState('leased', 'committing'),
      unasked: sql<number>`(count(*) filter (where ${tasks.state} in ('leased', 'committing') and ${tasks.cancelRequestedAt} is null))::int`,
      succeeded: inState('succeeded'),
      failed: inState('failed'),
      attempts: sql<number>`coalesce(sum(${tasks.attempt}), 0)::int`,
    })
    .from(tasks)
    .where(and(eq(tasks.activityRunId, activityRunId), eq(tasks.kind, 'copyPart')))
  if (!counts) throw new Error('An aggregate without groups answers one row')
  return counts
}

function inState(...states: TaskState[]): SQL<number> {
  return sql`(count(*) filter (where ${inArray(tasks.state, states)}))::int`
}
