import { and, eq, inArray, sql } from 'drizzle-orm'
import { runLogs, taskAttempts, tasks } from '@/drizzle/schema/runs'
import { nodes } from '@/drizzle/schema/runtimes'
import { clock } from '@/lib/db/clock'
import type { Db, Tx } from '@/lib/db/client'
import { wakeAnswers } from '@/lib/interactive/answer-wake'
import type { Failure } from '@/lib/protocol/failure'
import { advanceActivity } from '@/lib/runs/activity/advance'
import { lockRunOfActivity } from '@/lib/runs/run-lock'
import { retryAt } from '@/lib/tasks/backoff'
import { specLabel } from '@/lib/tasks/label'
import { afterLoss, type Loss, lostTooOften } from '@/lib/tasks/loss'
import type { Wake } from '@/lib/tasks/wake'

const batch = 200

type Task = typeof tasks.$inferSelect
type Lost = Pick<Task, 'id' | 'epoch' | 'activityRunId'>

/**
 * Takes tasks back whose lease has lapsed. `graceSeconds`: how much longer than its lease a task is left alone, after
 * the portal or its database were away and nodes could not renew. Answers whom to wake.
 */
export async function sweepLapsedTasks(db: Db, graceSeconds: number): Promise<Wake[]> {
  const lapsed = await db
    .select({ id: tasks.id, epoch: tasks.epoch, activityRunId: tasks.activityRunId })
    .from(tasks)
    .where(
      and(
        inArray(tasks.state, ['leased', 'committing']),
        sql`${tasks.leaseUntil} < clock_timestamp() - make_interval(secs => ${graceSeconds})`,
      ),
    )
    .orderBy(tasks.leaseUntil)
    .limit(batch)
  return await takeBack(db, lapsed, true)
}

/** A node was removed, or its process began anew: what it held moves on at once, except what it says it still runs. */
export async function takeBackFrom(db: Db, nodeId: string, stillRunning: string[] = []): Promise<Wake[]> {
  const held = await db
    .select({ id: tasks.id, epoch: tasks.epoch, activityRunId: tasks.activityRunId })
    .from(tasks)
    .where(and(eq(tasks.nodeId, nodeId), inArray(tasks.state, ['leased', 'committing'])))
  return await takeBack(
    db,
    held.filter(({ id }) => !stillRunning.includes(id)),
    false,
  )
}

async function takeBack(db: Db, lost: Lost[], onlyLapsed: boolean): Promise<Wake[]> {
  const wakes: Wake[] = []
  for (const task of lost) wakes.push(...(await db.transaction((tx) => takeBackOne(tx, task, onlyLapsed))))
  wakeAnswers(lost.filter(({ activityRunId }) => activityRunId === null).map(({ id }) => id))
  return wakes
}

/** Each in a transaction of its own: one run's trouble must not hold up the others. */
async function takeBackOne(tx: Tx, lost: Lost, onlyLapsed: boolean): Promise<Wake[]> {
  if (lost.activityRunId) await lockRunOfActivity(tx, lost.activityRunId)
  const [task] = await tx
    .select()
    .from(tasks)
    .where(
      and(
        eq(tasks.id, lost.id),
        eq(tasks.epoch, lost.epoch),
        inArray(tasks.state, ['leased', 'committing']),
        onlyLapsed ? sql`${tasks.leaseUntil} < clock_timestamp()` : undefined,
      ),
    )
    .for('update')
  if (!task) return []
  const nodeName = await endAttempt(tx, task)
  const loss = afterLoss(task, task.progress)
  const end = endOf(task, loss, nodeName)
  await logLoss(tx, task, { nodeName, onlyLapsed, moves: end === null })
  await tx
    .update(tasks)
    .set(
      end
        ? { ...end, ...loss, endedAt: clock, leaseUntil: null }
        : {
            ...loss,
            state: 'queued',
            nodeId: null,
            leaseUntil: null,
            runAfter: retryAt(sql`${loss.lostAttempts - 1}`),
          },
    )
    .where(eq(tasks.id, task.id))
  if (!task.activityRunId) return []
  if (end) return (await advanceActivity(tx, task.activityRunId)).wake
  return [{ runtimeId: task.runtimeId, for: 'tasks' }]
}

/** Null: it goes back to the queue. `committing` does too, because publishing twice changes nothing. */
function endOf(
  task: Task,
  loss: Loss,
  nodeName: string,
): { state: 'cancelled' } | { state: 'failed'; failure: Failure } | null {
  if (task.cancelRequestedAt && task.kind !== 'publishCopy') return { state: 'cancelled' }
  if (task.interactive)
    return {
      state: 'failed',
      failure: {
        code: 'agent_lost',
        message: `The node "${nodeName}" stopped answering`,
        side: 'node',
        retryable: true,
      },
    }
  const failure = lostTooOften(task, loss, { nodeName, how: 'it stopped answering' })
  return failure && { state: 'failed', failure }
}

/** Answers the name of the node that had it. */
async function endAttempt(tx: Tx, task: Task): Promise<string> {
  const [node] = task.nodeId
    ? await tx.select({ name: nodes.name }).from(nodes).where(eq(nodes.id, task.nodeId))
    : []
  await tx
    .update(taskAttempts)
    .set({ outcome: 'lost', endedAt: clock })
    .where(and(eq(taskAttempts.taskId, task.id), eq(taskAttempts.epoch, task.epoch)))
  return node?.name ?? 'a deleted node'
}

type Lapse = { nodeName: string; onlyLapsed: boolean; moves: boolean }

async function logLoss(tx: Tx, task: Task, { nodeName, onlyLapsed, moves }: Lapse): Promise<void> {
  if (!task.activityRunId) return
  const why = onlyLapsed ? 'was not heard until its lease ended' : 'was removed or began anew'
  const next = moves ? 'goes back to the queue, to go on from its last checkpoint' : 'ends here'
  await tx.insert(runLogs).values({
    activityRunId: task.activityRunId,
    taskId: task.id,
    nodeName,
    at: clock,
    level: 'warn',
    message: `The node ${why}: "${specLabel(task)}" ${next}`,
  })
}
