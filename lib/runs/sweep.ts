import { and, eq, inArray, isNull, lt, ne, or, sql } from 'drizzle-orm'
import { activityRuns, pipelineRuns, tasks } from '@/drizzle/schema/runs'
import { nodes } from '@/drizzle/schema/runtimes'
import type { Db, Tx } from '@/lib/db/client'
import { clock } from '@/lib/db/clock'
import type { Failure } from '@/lib/protocol/failure'
import { advanceActivity } from '@/lib/runs/activity/advance'
import { keptHours } from '@/lib/runs/kept'
import { lockRunOfActivity } from '@/lib/runs/run-lock'
import type { Wake } from '@/lib/tasks/wake'

/** Data Factory keeps runs so long (adf-and-shir.md, row 74). */
const runsKeptDays = 45
/** A clean-up that no node can take for so long does not hold the end of its run up any more; the log names what stays. */
const cleanUpHours = 1
const batch = 100

/**
 * What time alone brings about: kept parts are removed, runs that lost their runtime or the one node that could do their
 * work end, old runs go. Called once a minute; answers whom to wake.
 */
export async function sweepRuns(db: Db): Promise<Wake[]> {
  const wakes: Wake[] = []
  for (const { id } of await dueActivities(db))
    wakes.push(...(await db.transaction((tx) => sweepActivity(tx, id))))
  await deleteOldRuns(db)
  return wakes
}

async function dueActivities(db: Db): Promise<{ id: string }[]> {
  return await db
    .select({ id: activityRuns.id })
    .from(activityRuns)
    .where(
      and(
        ne(activityRuns.phase, 'ended'),
        or(isNull(activityRuns.runtimeId), keptTooLong(), hasHopelessTask()),
      ),
    )
    .limit(batch)
}

function keptTooLong() {
  return and(
    eq(activityRuns.phase, 'kept'),
    lt(activityRuns.endedAt, sql`now() - make_interval(hours => ${keptHours})`),
  )
}

/** Tasks that wait for what will not come. */
const isHopeless = sql`${tasks.state} = 'queued' and (
  exists (select from ${nodes} where ${nodes.id} = ${tasks.onlyNodeId} and ${nodes.removedAt} is not null)
  or (${tasks.kind} = 'cleanUpCopy' and ${tasks.createdAt} < now() - make_interval(hours => ${cleanUpHours})))`

function hasHopelessTask() {
  return sql`exists (select from ${tasks} where ${tasks.activityRunId} = ${activityRuns.id} and ${isHopeless})`
}

async function sweepActivity(tx: Tx, activityRunId: string): Promise<Wake[]> {
  await lockRunOfActivity(tx, activityRunId)
  await tx
    .update(activityRuns)
    .set({ cancelRequestedAt: clock })
    .where(and(eq(activityRuns.id, activityRunId), keptTooLong()))
  await failHopelessTasks(tx, activityRunId)
  return (await advanceActivity(tx, activityRunId)).wake
}

async function failHopelessTasks(tx: Tx, activityRunId: string): Promise<void> {
  await tx
    .update(tasks)
    .set({
      state: 'failed',
      endedAt: clock,
      failure: sql`case when ${tasks.kind} = 'cleanUpCopy' then ${JSON.stringify(nobodyCame)}::jsonb else ${JSON.stringify(nodeGone)}::jsonb end`,
    })
    .where(and(eq(tasks.activityRunId, activityRunId), isHopeless))
}

const nodeGone: Failure = {
  code: 'node_removed',
  message: 'The folder of this copy is on a node that was removed',
  side: 'node',
  retryable: false,
}
const nobodyCame: Failure = {
  code: 'timeout',
  message: `no node could take the clean-up within ${cleanUpHours} h`,
  side: 'node',
  retryable: false,
}

/** Activities, tasks, samples and log lines go with their run. */
async function deleteOldRuns(db: Db): Promise<void> {
  const old = db
    .select({ id: pipelineRuns.id })
    .from(pipelineRuns)
    .where(lt(pipelineRuns.endedAt, sql`now() - make_interval(days => ${runsKeptDays})`))
    .limit(batch)
  await db.delete(pipelineRuns).where(inArray(pipelineRuns.id, old))
}
