import { and, eq, sql } from 'drizzle-orm'
import { taskAttempts, tasks } from '@/drizzle/schema/runs'
import { AgentRefusal } from '@/lib/agent-refusal'
import { clock } from '@/lib/db/clock'
import type { Db, Tx } from '@/lib/db/client'
import { wakeAnswers } from '@/lib/interactive/answer-wake'
import type { CopyProgress } from '@/lib/protocol/copy-plan'
import type { Failure } from '@/lib/protocol/failure'
import type { CompleteRequest } from '@/lib/protocol/poll'
import type { TaskResult } from '@/lib/protocol/task'
import { advanceActivity } from '@/lib/runs/activity/advance'
import { lockRunOfActivity } from '@/lib/runs/run-lock'
import { retryAt } from '@/lib/tasks/backoff'
import { afterLoss, type Loss, lostTooOften, withoutLapse } from '@/lib/tasks/loss'
import { keepLog, sampleActivities } from '@/lib/tasks/report'
import type { Wake } from '@/lib/tasks/wake'

type Completer = { nodeId: string; name: string }
type Task = typeof tasks.$inferSelect
/** What becomes of the task: it is over, or it goes back to the queue. */
type Verdict =
  | { ends: 'succeeded'; result: TaskResult }
  | { ends: 'failed'; failure: Failure }
  | { ends: 'cancelled' }
  | Requeue
type Requeue = { requeue: 'failed' | 'fenced'; failure: Failure } | { requeue: 'released' }

/**
 * Takes the end of a task. The same end may be told twice (an answer got lost); an end under an older epoch is refused,
 * because another node has the task. Answers whom to wake after the commit.
 */
export async function completeTask(db: Db, node: Completer, request: CompleteRequest): Promise<Wake[]> {
  const wakes = await db.transaction(async (tx): Promise<Wake[]> => {
    const task = await lockTask(tx, request.taskId)
    if (!task || task.epoch !== request.epoch) throw fenced()
    if (!(await mayComplete(tx, task, node))) return []
    const progress = finalProgress(task, request)
    const loss = isFenced(request) ? afterLoss(withoutLapse(task), progress) : withoutLapse(task)
    const verdict = judge(task, request, { loss, nodeName: node.name })
    await settleAttempt(tx, task, verdict)
    await settleTask(tx, task, { verdict, progress, loss })
    if (!task.activityRunId) return []
    const { activityRunId } = task
    await keepLog(tx, { nodeName: node.name }, [{ activityRunId, taskId: task.id, lines: request.final.log }])
    if (task.kind === 'copyPart') await sampleActivities(tx, [activityRunId])
    if ('ends' in verdict) return (await advanceActivity(tx, activityRunId)).wake
    return [{ runtimeId: task.runtimeId, for: 'tasks' }]
  })
  wakeAnswers([request.taskId])
  return wakes
}

/** The run's lock comes before the task's: whoever ends tasks takes them in this order. */
async function lockTask(tx: Tx, taskId: string): Promise<Task | undefined> {
  const [found] = await tx
    .select({ activityRunId: tasks.activityRunId })
    .from(tasks)
    .where(eq(tasks.id, taskId))
  if (found?.activityRunId) await lockRunOfActivity(tx, found.activityRunId)
  const [task] = await tx.select().from(tasks).where(eq(tasks.id, taskId)).for('update')
  return task
}

/** False where this end was told before. A task whose lease lapsed still belongs to its node until another takes it. */
async function mayComplete(tx: Tx, task: Task, node: Completer): Promise<boolean> {
  const [attempt] = await tx
    .select({ nodeId: taskAttempts.nodeId, outcome: taskAttempts.outcome })
    .from(taskAttempts)
    .where(and(eq(taskAttempts.taskId, task.id), eq(taskAttempts.epoch, task.epoch)))
  if (attempt?.nodeId !== node.nodeId) throw fenced()
  if (task.state === 'leased' || task.state === 'committing') return true
  return task.state === 'queued' && attempt.outcome === 'lost'
}

/** The lease lapsed before a commit, or the sink knows a later owner: the node tells it, but the task did nothing wrong. */
function isFenced({ outcome }: CompleteRequest): boolean {
  return outcome.status === 'failed' && outcome.failure.code === 'fenced'
}

function judge(task: Task, { outcome }: CompleteRequest, seen: { loss: Loss; nodeName: string }): Verdict {
  switch (outcome.status) {
    case 'succeeded':
      if (outcome.output.kind !== task.kind)
        throw new AgentRefusal('malformed', `outcome.output.kind: the task is a ${task.kind}`)
      return { ends: 'succeeded', result: outcome.output }
    case 'failed':
      return outcome.failure.code === 'fenced'
        ? judgeLoss(task, outcome.failure, seen)
        : judgeFailure(task, outcome.failure)
    case 'cancelled':
      // A node that stops by itself has only handed the task back. One that was told to stop knows that it did not publish.
      return task.cancelRequestedAt || task.interactive ? { ends: 'cancelled' } : { requeue: 'released' }
    case 'released':
      return mayStop(task) ? { ends: 'cancelled' } : { requeue: 'released' }
  }
}

/** A person who waits is answered at once. */
function judgeFailure(task: Task, failure: Failure): Verdict {
  const isLast = task.failedAttempts + 1 >= task.maxAttempts
  if (task.interactive || !failure.retryable || isLast) return { ends: 'failed', failure }
  return mayStop(task) ? { ends: 'cancelled' } : { requeue: 'failed', failure }
}

/** As where a node was lost: not one of the task's own failures, but not for ever either. */
function judgeLoss(
  task: Task,
  failure: Failure,
  { loss, nodeName }: { loss: Loss; nodeName: string },
): Verdict {
  if (task.interactive) return { ends: 'failed', failure }
  if (mayStop(task)) return { ends: 'cancelled' }
  const end = lostTooOften(task, loss, { nodeName, how: failure.message })
  return end ? { ends: 'failed', failure: end } : { requeue: 'fenced', failure }
}

/** A publish may have happened: only its next attempt can read at the sink which way it went. */
function mayStop(task: Task): boolean {
  return task.cancelRequestedAt !== null && task.kind !== 'publishCopy'
}

async function settleAttempt(tx: Tx, task: Task, verdict: Verdict): Promise<void> {
  await tx
    .update(taskAttempts)
    .set({
      outcome: 'ends' in verdict ? verdict.ends : verdict.requeue,
      endedAt: clock,
      failure: 'failure' in verdict ? verdict.failure : null,
    })
    .where(and(eq(taskAttempts.taskId, task.id), eq(taskAttempts.epoch, task.epoch)))
}

async function settleTask(
  tx: Tx,
  task: Task,
  { verdict, progress, loss }: { verdict: Verdict; progress: CopyProgress | null; loss: Loss },
): Promise<void> {
  const common = { ...loss, progress, leaseUntil: null }
  const failure = 'failure' in verdict ? verdict.failure : null
  const change =
    'ends' in verdict
      ? {
          ...common,
          state: verdict.ends,
          nodeId: task.nodeId ?? null,
          endedAt: clock,
          result: verdict.ends === 'succeeded' ? verdict.result : null,
          failure,
        }
      : {
          ...common,
          state: 'queued' as const,
          nodeId: null,
          ...requeued(task, { verdict, loss }),
        }
  await tx.update(tasks).set(change).where(eq(tasks.id, task.id))
}

function requeued(task: Task, { verdict, loss }: { verdict: Requeue; loss: Loss }) {
  if (verdict.requeue === 'released') return { attempt: task.attempt - 1, runAfter: clock }
  const { failure } = verdict
  if (verdict.requeue === 'fenced') return { runAfter: retryAt(sql`${loss.lostAttempts - 1}`), failure }
  const failedAttempts = task.failedAttempts + 1
  return { failedAttempts, runAfter: retryAt(sql`${failedAttempts}`), failure }
}

/** The result of a part knows best how much it copied. */
function finalProgress(task: Task, { outcome, final }: CompleteRequest): CopyProgress | null {
  const last = final.progress ?? task.progress
  if (outcome.status !== 'succeeded' || outcome.output.kind !== 'copyPart') return last
  const { rowsWritten, bytesWritten } = outcome.output.result
  return { ...last, phase: 'copying', rows: rowsWritten, bytes: bytesWritten }
}

function fenced(): AgentRefusal {
  return new AgentRefusal('fenced', 'Another node has this task now, or it was deleted')
}
