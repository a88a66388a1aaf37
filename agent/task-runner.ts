import { z } from 'zod'
import { endpoints } from '../lib/protocol/endpoints.ts'
import type { Failure } from '../lib/protocol/failure.ts'
import type { LeasedTask, TaskOutcome } from '../lib/protocol/task.ts'
import type { AgentContext } from './agent-context.ts'
import { classify, pause, retryMs } from './backoff.ts'
import { Refusal } from './client.ts'
import { type StopReason, TaskInHand } from './running-task.ts'
import { createThreads } from './task-threads.ts'
import { createWorkerPool } from './worker-pool.ts'

export type TaskRunner = {
  /** Copies at the same time: the node's own number until the portal says another. */
  slots: number
  readonly tasks: ReadonlyMap<string, TaskInHand>
  /** Takes leased tasks; each starts once `confirm` has renewed its lease. */
  accept(leased: readonly LeasedTask[]): void
  stop(taskId: string, epoch: number, reason: StopReason): void
  /** Free copy slots, and free places for interactive requests. */
  free(): { slots: number; interactive: number }
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

const interactiveLimit = 16

export function createTaskRunner(ctx: AgentContext, hooks: TaskRunnerHooks): TaskRunner {
  const tasks = new Map<string, TaskInHand>()
  const pool = createWorkerPool(ctx.spawnWorker)
  const free = () => {
    const inHand = [...tasks.values()]
    const taken = inHand.reduce((sum, { slots }) => sum + slots, 0)
    const interactive = inHand.filter((task) => task.interactive).length
    return {
      slots: Math.max(0, runner.slots - taken),
      interactive: Math.max(0, interactiveLimit - interactive),
    }
  }
  const hasRoom = () => free().slots > 0
  const threads = createThreads(ctx, { pool, confirm: hooks.confirm, hasRoom })
  const closing = new AbortController()
  let whenIdle = Promise.withResolvers<void>()

  const carryOut = async (inHand: TaskInHand) => {
    const { task } = inHand
    let kept = false
    try {
      const confirmed = await hooks.confirm(inHand)
      const outcome = confirmed ? await threads.carryOut(inHand) : inHand.outcomeOfStop
      // A fenced task has another owner: nothing that we could say counts.
      if (outcome) kept = await complete(ctx, inHand, { outcome, signal: closing.signal })
    } finally {
      if (!kept) for (const holdId of inHand.holds) await ctx.snapshots.release(holdId)
      tasks.delete(task.taskId)
      hooks.onFreed()
      if (tasks.size === 0) whenIdle.resolve()
    }
  }
  const runner: TaskRunner = {
    slots: ctx.config.slots,
    tasks,
    free,
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
  return runner
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
      await pause(retryMs(error, { failures, random: ctx.random() }), signal)
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
