import type { Worker } from 'node:worker_threads'
import type { CopyProgress } from '../lib/protocol/copy-plan.ts'
import type { Failure } from '../lib/protocol/failure.ts'
import type { LeasedTask, LogLine, RunningTask, TaskOutcome } from '../lib/protocol/task.ts'
import { interactiveTaskKinds } from '../lib/protocol/task.ts'
import { TaskFailure } from './copy/failure.ts'
import type { FromWorker, ToWorker } from './worker-messages.ts'

/** Why a task was told to stop: the first reason wins. */
export type StopReason = 'cancelled' | 'fenced' | 'released'
/** Log lines wait here for the next heartbeat; the oldest go first when a portal is away for long. */
const maxWaitingLines = 1000
/** As many as one message may carry (protocol: RunningTask). */
const linesPerMessage = 200
/** No commit so shortly before the lease may lapse (reliability-and-security.md, section 1.2), or in the last fifth of it. */
const leaseMarginMs = 5000

/** One task in this process: its lease, its progress, and the worker that does it. */
export class TaskInHand {
  readonly task: LeasedTask
  readonly interactive: boolean
  committing = false
  progress: CopyProgress | undefined
  stopReason: StopReason | undefined
  /** The thread that does it, and those that read for it. */
  readonly workers = new Set<Worker>()
  /** Snapshots that it keeps open beyond itself: kept only if it succeeds. */
  readonly holds: string[] = []
  readonly lease = new SharedArrayBuffer(8)
  readonly #deadline = new BigInt64Array(this.lease)
  readonly #lines: LogLine[] = []
  readonly #stopping = new AbortController()

  constructor(task: LeasedTask) {
    this.task = task
    this.interactive = interactiveTaskKinds.some((kind) => kind === task.spec.kind)
  }

  /** `sentAt`: the monotonic clock when the renewal was asked for, so that the node always errs to the safe side. */
  renewed(sentAt: bigint, leaseMs: number): void {
    const safeMs = Math.max(leaseMs * 0.8, leaseMs - leaseMarginMs)
    Atomics.store(this.#deadline, 0, sentAt + BigInt(Math.round(safeMs)) * 1_000_000n)
  }

  log(line: LogLine): void {
    this.#lines.push(line)
    if (this.#lines.length > maxWaitingLines) this.#lines.shift()
  }

  /** What the next heartbeat says of it. `restore` puts the lines back where the message did not arrive. */
  report(): { message: RunningTask; restore: () => void } {
    const log = this.#lines.splice(0, linesPerMessage)
    const { taskId, epoch } = this.task
    const message = {
      taskId,
      epoch,
      committing: this.committing,
      log,
      ...(this.progress && { progress: this.progress }),
    }
    return { message, restore: () => this.#lines.unshift(...log) }
  }

  get finalReport(): Pick<RunningTask, 'log' | 'progress'> {
    return { log: this.#lines.splice(-linesPerMessage), ...(this.progress && { progress: this.progress }) }
  }

  get stopSignal(): AbortSignal {
    return this.#stopping.signal
  }

  stop(reason: StopReason): void {
    this.stopReason ??= reason
    this.#stopping.abort()
    for (const worker of this.workers) worker.postMessage({ type: 'abort' } satisfies ToWorker)
  }

  /** Slots of the node that its threads take; its place is its own before the first has begun. */
  get slots(): number {
    return this.interactive ? 0 : Math.max(1, this.workers.size)
  }

  outcomeOf(ending: Extract<FromWorker, { type: 'succeeded' | 'failed' }>): TaskOutcome {
    if (ending.type === 'succeeded') return { status: 'succeeded', output: ending.output }
    return this.outcomeOfStop ?? { status: 'failed', failure: ending.failure }
  }

  /** What a stop means to the portal; null where it runs on, or where another owner makes it meaningless. */
  get outcomeOfStop(): TaskOutcome | null {
    if (this.stopReason === 'cancelled') return { status: 'cancelled' }
    return this.stopReason === 'released' ? { status: 'released' } : null
  }
}

export function failureOf(error: unknown): Failure {
  if (error instanceof TaskFailure) return error.toFailure()
  return {
    code: 'internal',
    message: error instanceof Error ? error.message.slice(0, 4000) : 'unknown error',
    side: 'node',
    retryable: true,
  }
}
