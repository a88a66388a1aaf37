import { and, asc, eq, inArray, isNull, type SQL } from 'drizzle-orm'
import type { PgUpdateSetSource } from 'drizzle-orm/pg-core'
import { activityRuns, runLogs, tasks } from '@/drizzle/schema/runs'
import type { Tx } from '@/lib/db/client'
import { clock } from '@/lib/db/clock'
import type { Failure } from '@/lib/protocol/failure'
import type { Effect } from '@/lib/runs/activity/activity-machine'
import type { ActivityRow } from '@/lib/runs/activity/load-activity'
import { enqueueParts, enqueueSingle } from '@/lib/runs/activity/enqueue-copy'
import { preparedPlan, publishedReceipt } from '@/lib/runs/activity/task-results'
import type { Wake } from '@/lib/tasks/wake'

type ActivityChange = PgUpdateSetSource<typeof activityRuns>

/** Does one effect of the machine to the database. Answers whom to wake: nodes that have something new to hear. */
export async function applyEffect(tx: Tx, activity: ActivityRow, effect: Effect): Promise<Wake[]> {
  switch (effect.do) {
    case 'enter':
      await change(tx, activity, { phase: effect.phase, ...startedBy(activity, effect.phase) })
      return []
    case 'enqueue':
      await enqueueSingle(tx, activity, effect.kind)
      return tasksFor(activity)
    case 'enqueueParts':
      await enqueueParts(tx, activity, effect.count)
      return tasksFor(activity)
    case 'cancelQueued':
      await cancelQueued(tx, activity)
      return []
    case 'askToCancel':
      return await askToCancel(tx, activity)
    case 'storePlan':
      await storePlan(tx, activity)
      return []
    case 'storeReceipt':
      await change(tx, activity, { receipt: await publishedReceipt(tx, activity.id) })
      return []
    case 'recordFailure':
      await recordFailure(tx, activity, effect.of)
      return []
    case 'noteSkipped':
      await note(tx, activity, {
        level: 'warn',
        message: `${activity.name} did not start: an activity that it depends on did not succeed`,
      })
      return []
    case 'noteLeftovers':
      await noteLeftovers(tx, activity)
      return []
    case 'end':
      await change(tx, activity, {
        status: effect.as,
        phase: effect.phase,
        endedAt: activity.endedAt ?? clock,
      })
      return []
  }
}

async function change(tx: Tx, activity: ActivityRow, set: ActivityChange): Promise<void> {
  await tx.update(activityRuns).set(set).where(eq(activityRuns.id, activity.id))
}

/** A plan means that a node has begun, even where its first sign of life and its answer came in one. */
function startedBy(activity: ActivityRow, phase: ActivityRow['phase']): ActivityChange {
  if (activity.status !== 'Queued' || phase !== 'copying') return {}
  return { status: 'InProgress', startedAt: activity.startedAt ?? clock }
}

async function cancelQueued(tx: Tx, activity: ActivityRow): Promise<void> {
  const queued = lockedTasks(tx, activity, eq(tasks.state, 'queued'))
  await tx.update(tasks).set({ state: 'cancelled', endedAt: clock }).where(inArray(tasks.id, queued))
}

function tasksFor({ runtimeId }: ActivityRow): Wake[] {
  return runtimeId === null ? [] : [{ runtimeId, for: 'tasks' }]
}

async function askToCancel(tx: Tx, activity: ActivityRow): Promise<Wake[]> {
  const isHeld = inArray(tasks.state, ['leased', 'committing'])
  const unasked = lockedTasks(tx, activity, and(isHeld, isNull(tasks.cancelRequestedAt)))
  const asked = await tx
    .update(tasks)
    .set({ cancelRequestedAt: clock })
    .where(inArray(tasks.id, unasked))
    .returning({ runtimeId: tasks.runtimeId, nodeId: tasks.nodeId })
  return asked.flatMap(({ runtimeId, nodeId }) =>
    nodeId === null ? [] : [{ runtimeId, for: 'nodes', nodeIds: [nodeId] }],
  )
}

/** In the order in which nodes renew them, so that the two never wait for each other in a circle. */
function lockedTasks(tx: Tx, activity: ActivityRow, which: SQL | undefined) {
  return tx
    .select({ id: tasks.id })
    .from(tasks)
    .where(and(eq(tasks.activityRunId, activity.id), which))
    .orderBy(asc(tasks.id))
    .for('update')
}

async function storePlan(tx: Tx, activity: ActivityRow): Promise<void> {
  const plan = await preparedPlan(tx, activity.id)
  await change(tx, activity, { plan })
  for (const warning of plan.warnings) await note(tx, activity, { level: 'warn', message: warning })
}

async function recordFailure(
  tx: Tx,
  activity: ActivityRow,
  of: Extract<Effect, { do: 'recordFailure' }>['of'],
): Promise<void> {
  const failure = of === 'runtime' ? runtimeGone : await firstFailure(tx, activity, of)
  await change(tx, activity, { failure })
  await note(tx, activity, { level: 'error', message: failure.message })
}

const runtimeGone: Failure = {
  code: 'not_found',
  message: 'The integration runtime of this copy was deleted while it ran',
  side: 'portal',
  retryable: false,
}

async function firstFailure(
  tx: Tx,
  activity: ActivityRow,
  kind: 'prepareCopy' | 'copyPart' | 'publishCopy',
): Promise<Failure> {
  const [failed] = await tx
    .select({ failure: tasks.failure })
    .from(tasks)
    .where(and(eq(tasks.activityRunId, activity.id), eq(tasks.kind, kind), eq(tasks.state, 'failed')))
    .orderBy(asc(tasks.endedAt))
    .limit(1)
  if (failed?.failure) return failed.failure
  return { code: 'internal', message: `The node gave no reason why ${kind} failed`, retryable: false }
}

async function noteLeftovers(tx: Tx, activity: ActivityRow): Promise<void> {
  const [cleanUp] = await tx
    .select({ failure: tasks.failure })
    .from(tasks)
    .where(and(eq(tasks.activityRunId, activity.id), eq(tasks.kind, 'cleanUpCopy')))
  const reason = cleanUp?.failure?.message ?? 'the node did not say why'
  await note(tx, activity, {
    level: 'warn',
    message: `What the copy left in ${activity.spec.sink.store.linkedServiceName} could not be removed: ${reason}`,
  })
}

async function note(
  tx: Tx,
  activity: ActivityRow,
  line: { level: 'warn' | 'error'; message: string },
): Promise<void> {
  await tx.insert(runLogs).values({ activityRunId: activity.id, at: clock, ...line })
}
