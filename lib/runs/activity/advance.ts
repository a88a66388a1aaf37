import { and, asc, eq } from 'drizzle-orm'
import { activityRuns, pipelineRuns } from '@/drizzle/schema/runs'
import type { Tx } from '@/lib/db/client'
import { clock } from '@/lib/db/clock'
import { step } from '@/lib/runs/activity/activity-machine'
import { applyEffect } from '@/lib/runs/activity/apply-effect'
import { type ActivityRow, loadActivity, loadCopyState } from '@/lib/runs/activity/load-activity'
import { hasEnded, pipelineStatus } from '@/lib/runs/pipeline-status'
import { lockRunOfActivity } from '@/lib/runs/run-lock'
import type { Wake } from '@/lib/tasks/wake'

/** The machine reaches a rest in a handful of rounds; more means that it turns in a circle. */
const maxRounds = 20

/**
 * Takes a copy activity as far as it can go now: called when it starts, when one of its tasks has ended and when it is
 * cancelled. Wake whom it answers after the commit. Call `lockRunOfActivity` before changing any task yourself.
 */
export async function advanceActivity(tx: Tx, activityRunId: string): Promise<{ wake: Wake[] }> {
  const pipelineRunId = await lockRunOfActivity(tx, activityRunId)
  if (pipelineRunId === null) return { wake: [] }
  const wakes: Wake[] = []
  const due = [activityRunId]
  for (let id = due.shift(); id !== undefined; id = due.shift()) {
    const activity = await comeToRest(tx, id, wakes)
    if (activity && hasEnded(activity.status)) due.push(...(await listWaiting(tx, pipelineRunId)))
  }
  await settlePipelineRun(tx, pipelineRunId)
  return { wake: wakes }
}

/** Activities that may begin, or be skipped, now that another one has ended. */
async function listWaiting(tx: Tx, pipelineRunId: string): Promise<string[]> {
  const rows = await tx
    .select({ id: activityRuns.id })
    .from(activityRuns)
    .where(and(eq(activityRuns.pipelineRunId, pipelineRunId), eq(activityRuns.phase, 'waiting')))
  return rows.map(({ id }) => id)
}

async function comeToRest(tx: Tx, activityRunId: string, wakes: Wake[]): Promise<ActivityRow | undefined> {
  for (let round = 0; round < maxRounds; round++) {
    const activity = await loadActivity(tx, activityRunId)
    if (!activity) return undefined
    const effects = step(await loadCopyState(tx, activity))
    if (effects.length === 0) return activity
    for (const effect of effects) wakes.push(...(await applyEffect(tx, activity, effect)))
  }
  throw new Error(`Activity run ${activityRunId} does not come to rest`)
}

/** A node has begun with a task: the activity and its run are no longer queued, unless they have ended since. */
export async function markActivityStarted(tx: Tx, activityRunId: string): Promise<void> {
  await lockRunOfActivity(tx, activityRunId)
  const activity = await loadActivity(tx, activityRunId)
  if (activity?.status !== 'Queued') return
  await tx
    .update(activityRuns)
    .set({ status: 'InProgress', startedAt: activity.startedAt ?? clock })
    .where(eq(activityRuns.id, activityRunId))
  await settlePipelineRun(tx, activity.pipelineRunId)
}

/** The run's status, times and message follow from its activities. */
export async function settlePipelineRun(tx: Tx, pipelineRunId: string): Promise<void> {
  const activities = await tx
    .select({
      name: activityRuns.name,
      status: activityRuns.status,
      failure: activityRuns.failure,
      startedAt: activityRuns.startedAt,
    })
    .from(activityRuns)
    .where(eq(activityRuns.pipelineRunId, pipelineRunId))
    .orderBy(asc(activityRuns.ordinal))
  const [run] = await tx.select().from(pipelineRuns).where(eq(pipelineRuns.id, pipelineRunId))
  if (!run) return
  const status = pipelineStatus(activities.map((activity) => activity.status))
  const failed = activities.find(({ failure }) => failure !== null)
  const message = failed?.failure ? `${failed.name}: ${failed.failure.message}` : ''
  if (status === run.status && message === run.message) return
  await tx
    .update(pipelineRuns)
    .set({
      status,
      message,
      startedAt: run.startedAt ?? firstStart(activities),
      endedAt: hasEnded(status) ? (run.endedAt ?? clock) : null,
    })
    .where(eq(pipelineRuns.id, pipelineRunId))
}

/** Null for a run that ended before any node began. */
function firstStart(activities: readonly { startedAt: Date | null }[]): Date | null {
  const starts = activities.flatMap(({ startedAt }) => startedAt?.getTime() ?? [])
  return starts.length > 0 ? new Date(Math.min(...starts)) : null
}
