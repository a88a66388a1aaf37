import type { Worker } from 'node:worker_threads'
import { z } from 'zod'
import { endpoints } from '../lib/protocol/endpoints.ts'
import type { Failure } from '../lib/protocol/failure.ts'
import type { LeasedTask, TaskOutcome } from '../lib/protocol/task.ts'
import type { AgentContext } from './agent-context.ts'
import { backoffMs, classify, pause } from './backoff.ts'
import { Refusal } from './client.ts'
import { answerQuestion } from './worker-questions.ts'
import { failureOf, type StopReason, TaskInHand } from './running-task.ts'
import type { FromWorker, ToWorker } from './worker-messages.ts'
import { createWorkerPool } from './worker-pool.ts'

export type TaskRunner = {
  readonly tasks: ReadonlyMap<string, TaskInHand>
  /** Takes leased tasks; each starts once `confirm` has renewed its lease. */
  accept(leased: readonly LeasedTask[]): void
  stop(taskId: string, epoch: number, reason: StopReason): void
  /** Without those of tasks in hand: what a task holds is its own until the portal has taken its result. */
  settledHolds(holdIds: readonly string[]): string[]
  /** Settles when nothing is in hand any more. */
  idle(): Promise<void>
  close(): Promise<void>
}
export type TaskRunnerHooks = {
  /** Renews the lease at once; false where the portal gave the task to another node. */
  confirm: (inHand: TaskInHand) => Promise<boolean>
  onAccepted: () => void
  /** A slot became free. */
  onFreed: () => void
}

/** A stopped task gets so long to let go of its stores; then its thread is ended. */
const stopGraceMs = 10_000
const interactiveLimit = 16

export function createTaskRunner(ctx: AgentContext, hooks: TaskRunnerHooks): TaskRunner {
  const tasks = new Map<string, TaskInHand>()
  const pool = createWorkerPool(ctx.spawnWorker)
  const closing = new AbortController()
  let whenIdle = Promise.withResolvers<void>()

  const carryOut = async (inHand: TaskInHand) => {
    const { task } = inHand
    let kept = false
    try {
      const confirmed = await hooks.confirm(inHand)
      const means = { pool, confirm: hooks.confirm }
      const outcome = confirmed ? await work(ctx, inHand, means) : inHand.outcomeOfStop
      // A fenced task has another owner: nothing that we could say counts.
      if (outcome) kept = await complete(ctx, inHand, { outcome, signal: closing.signal })
    } finally {
      if (!kept) for (const holdId of inHand.holds) await ctx.snapshots.release(holdId)
      tasks.delete(task.taskId)
      hooks.onFreed()
      if (tasks.size === 0) whenIdle.resolve()
    }
  }
  return {
    tasks,
    accept(leased) {
      for (const task of leased) {
        if (tasks.has(task.taskId)) continue
        if (tasks.size === 0) whenIdle = Promise.withResolvers()
        const inHand = new TaskInHand(task)
        tasks.set(task.taskId, inHand)
        hooks.onAccepted()
        carryOut(inHand).catch((error: unknown) =>
          ctx.log.error({ err: error, taskId: task.taskId }, 'task could not be carried out'),
        )
      }
    },
    stop(taskId, epoch, reason) {
      const inHand = tasks.get(taskId)
      if (inHand?.task.epoch === epoch) inHand.stop(reason)
    },
    settledHolds(holdIds) {
      const held = new Set([...tasks.values()].flatMap(({ holds }) => holds))
      return holdIds.filter((holdId) => !held.has(holdId))
    },
    idle: () => (tasks.size === 0 ? Promise.resolve() : whenIdle.promise),
    async close() {
      closing.abort()
      await pool.close()
    },
  }
}

/** Free copy slots and free places for interactive requests. */
export function freePlaces(runner: TaskRunner, slots: number): { slots: number; interactive: number } {
  const copies = [...runner.tasks.values()].filter(({ interactive }) => !interactive).length
  return {
    slots: Math.max(0, slots - copies),
    interactive: Math.max(0, interactiveLimit - (runner.tasks.size - copies)),
  }
}

type Means = { pool: ReturnType<typeof createWorkerPool>; confirm: TaskRunnerHooks['confirm'] }

/** Runs the task in a worker thread; null where it was fenced. */
async function work(
  ctx: AgentContext,
  inHand: TaskInHand,
  { pool, confirm }: Means,
): Promise<TaskOutcome | null> {
  const worker = pool.take()
  inHand.worker = worker
  let graceful = false
  try {
    const ending = await finished(ctx, { inHand, worker, confirm })
    graceful = ending.type === 'succeeded'
    return inHand.stopReason === 'fenced' ? null : inHand.outcomeOf(ending)
  } catch (error) {
    if (inHand.stopReason === 'fenced') return null
    return inHand.outcomeOf({ type: 'failed', failure: failureOf(error) })
  } finally {
    inHand.worker = undefined
    worker.removeAllListeners('message')
    worker.removeAllListeners('error')
    if (graceful) pool.giveBack(worker)
    else await pool.discard(worker)
  }
}

type Hosting = { inHand: TaskInHand; worker: Worker; confirm: TaskRunnerHooks['confirm'] }
type Ending = Extract<FromWorker, { type: 'succeeded' | 'failed' }>

function finished(ctx: AgentContext, hosting: Hosting): Promise<Ending> {
  const { inHand, worker, confirm } = hosting
  const { promise, resolve, reject } = Promise.withResolvers<Ending>()
  const onExit = (code: number) => reject(new Error(`The worker thread ended with code ${code}`))
  const post = (message: ToWorker) => worker.postMessage(message)
  worker.on('message', (message: FromWorker) => {
    if (message.type === 'progress') inHand.progress = message.progress
    else if (message.type === 'log') inHand.log(message.line)
    else if (message.type === 'question') void answerQuestion(ctx, { inHand, message, confirm }).then(post)
    else resolve(message)
  })
  worker.once('error', reject)
  worker.once('exit', onExit)
  const { allowedFolders, allowedHosts } = ctx.config
  post({ type: 'run', task: inHand.task, allowedFolders, allowedHosts, lease: inHand.lease })
  watchStop(inHand, worker)
  // The thread goes on to other tasks, and must not carry the listeners of this one along.
  return promise.finally(() => worker.off('exit', onExit))
}

/** Ends the thread of a task that does not let go, and at once where another node owns it. */
function watchStop(inHand: TaskInHand, worker: Worker): void {
  const end = () => {
    const graceMs = inHand.stopReason === 'fenced' ? 0 : stopGraceMs
    setTimeout(() => {
      if (inHand.worker === worker) void worker.terminate()
    }, graceMs).unref()
  }
  if (inHand.stopSignal.aborted) end()
  else inHand.stopSignal.addEventListener('abort', end, { once: true })
}

/**
 * Tells the portal how it ended; goes on as long as the portal is away, because the epoch decides what counts. True where it
 * took the success of the task.
 */
async function complete(
  ctx: AgentContext,
  inHand: TaskInHand,
  { outcome, signal }: { outcome: TaskOutcome; signal: AbortSignal },
): Promise<boolean> {
  const { taskId, epoch } = inHand.task
  const final = inHand.finalReport
  let said = outcome
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      await ctx.call(endpoints.complete, { taskId, epoch, outcome: said, final }, signal)
      return said.status === 'succeeded'
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      if (isUnacceptable(error) && said === outcome) {
        said = { status: 'failed', failure: unacceptable(reason) }
        continue
      }
      if ((error instanceof Refusal && error.code === 'fenced') || classify(error) === 'fatal') {
        ctx.log.warn({ taskId, reason }, 'the portal did not take the result')
        return false
      }
      await pause(backoffMs(failures, ctx.random()), signal)
    }
  }
  return false
}

/** The result itself is refused, or does not fit the protocol: saying it again cannot help, but its failure can be told. */
function isUnacceptable(error: unknown): boolean {
  if (error instanceof Refusal) return error.code === 'malformed' || error.code === 'too_large'
  return error instanceof z.ZodError
}

function unacceptable(reason: string): Failure {
  return {
    code: 'internal',
    message: `The portal cannot take the result of this task: ${reason}`.slice(0, 4000),
    side: 'node',
    retryable: false,
  }
}
