import type { Worker } from 'node:worker_threads'
import { endpoints } from '../lib/protocol/endpoints.ts'
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
  /** Settles when nothing is in hand any more. */
  idle(): Promise<void>
  close(): Promise<void>
}
export type TaskRunnerHooks = {
  /** Renews the lease at once; false where the portal gave the task to another node. */
  confirm: (inHand: TaskInHand) => Promise<boolean>
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
    try {
      if (!(await hooks.confirm(inHand))) return
      const outcome = await work(ctx, inHand, { pool, confirm: hooks.confirm })
      // A fenced task has another owner: nothing that we could say counts.
      if (outcome) await complete(ctx, inHand, { outcome, signal: closing.signal })
    } finally {
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
        carryOut(inHand).catch((error: unknown) =>
          ctx.log.error({ err: error, taskId: task.taskId }, 'task could not be carried out'),
        )
      }
    },
    stop(taskId, epoch, reason) {
      const inHand = tasks.get(taskId)
      if (inHand?.task.epoch === epoch) inHand.stop(reason)
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
  return new Promise((resolve, reject) => {
    const post = (message: ToWorker) => worker.postMessage(message)
    worker.on('message', (message: FromWorker) => {
      if (message.type === 'progress') inHand.progress = message.progress
      else if (message.type === 'log') inHand.log(message.line)
      else if (message.type === 'question') void answerQuestion(ctx, { inHand, message, confirm }).then(post)
      else resolve(message)
    })
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`The worker thread ended with code ${code}`)))
    post({ type: 'run', task: inHand.task, allowedFolders: ctx.config.allowedFolders, lease: inHand.lease })
    watchStop(inHand, worker)
  })
}

/** Ends the thread of a task that does not let go, and at once where another node owns it. */
function watchStop(inHand: TaskInHand, worker: Worker): void {
  const timer = setInterval(() => {
    if (inHand.worker !== worker) return clearInterval(timer)
    if (inHand.stopReason === undefined) return
    clearInterval(timer)
    if (inHand.stopReason === 'fenced') return void worker.terminate()
    setTimeout(() => {
      if (inHand.worker === worker) void worker.terminate()
    }, stopGraceMs).unref()
  }, 100)
  timer.unref()
}

/** Tells the portal how it ended; goes on as long as the portal is away, because the epoch decides what counts. */
async function complete(
  ctx: AgentContext,
  inHand: TaskInHand,
  { outcome, signal }: { outcome: TaskOutcome; signal: AbortSignal },
): Promise<void> {
  const { taskId, epoch } = inHand.task
  const final = inHand.finalReport
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      await ctx.call(endpoints.complete, { taskId, epoch, outcome, final }, signal)
      return
    } catch (error) {
      const refused = error instanceof Refusal && error.status < 500 && error.code !== 'rate_limited'
      if (refused || classify(error) === 'fatal') {
        ctx.log.warn({ taskId, reason: String(error) }, 'the portal did not take the result')
        return
      }
      await pause(backoffMs(failures, ctx.random()), signal)
    }
  }
}
