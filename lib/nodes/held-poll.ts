import type { AgentRefusal } from '@/lib/agent-refusal'
import type { NodeCall } from '@/lib/agent-route'
import { requireWelcome } from '@/lib/auth/node-caller'
import type { Db } from '@/lib/db/client'
import { wakeAnswers } from '@/lib/interactive/answer-wake'
import type { Demand, NodeNews } from '@/lib/nodes/poll-news'
import type { PollRequest, PollResponse } from '@/lib/protocol/poll'
import type { LeasedTask } from '@/lib/protocol/task'
import { type Claimant, claimTasks, returnClaims } from '@/lib/tasks/claim'
import { findFinishedHolds } from '@/lib/tasks/holds'
import { wake } from '@/lib/tasks/wake'

/** Few distinct durations, so that thousands of timers share a few of Node's timer lists. */
const timerStepMs = 250
/** `left`: what of the queue is still to be had; `turnMs`: how long news that concerns every node of the runtime can wait. */
export type View = { news: NodeNews; left: Demand; turnMs: number }

/** One node's open request: it is answered once, by whoever finds something first, or by time. */
export class HeldPoll {
  readonly nodeId: string
  readonly runtimeId: string
  readonly request: PollRequest
  readonly answered: Promise<PollResponse>
  readonly #call: NodeCall
  readonly #resolve: (answer: PollResponse) => void
  readonly #reject: (refusal: AgentRefusal | Error) => void
  #timer: NodeJS.Timeout | undefined
  #endsAtMs = Number.POSITIVE_INFINITY
  /** What the poll is answered with at its end; something only where there is news that can wait so long. */
  #lastWord: PollResponse = null
  #settled = false
  /** Looks for work one after another, so that a wake-up during the first look does not claim twice. */
  #queue: Promise<unknown> = Promise.resolve()

  constructor(call: NodeCall, request: PollRequest) {
    const { promise, resolve, reject } = Promise.withResolvers<PollResponse>()
    this.answered = promise
    // It may be refused before anybody waits for it.
    promise.catch(() => {})
    this.#resolve = resolve
    this.#reject = reject
    this.#call = call
    this.request = request
    this.nodeId = call.node.nodeId
    this.runtimeId = call.node.runtimeId
    call.signal.addEventListener('abort', this.#giveUp, { once: true })
  }

  get isOpen(): boolean {
    return !this.#settled && !this.#call.signal.aborted
  }

  /** Whether the node could take a task of some kind. */
  get hasPlace(): boolean {
    return this.request.slots.free > 0 || this.request.interactiveFree > 0
  }

  get busySlots(): number {
    return this.request.slots.total - this.request.slots.free
  }

  /** Begins the time that the node allows for nothing to happen. */
  hold(): void {
    this.#endWithin(this.request.holdMs)
  }

  settle(answer: PollResponse): void {
    if (this.#finish()) this.#resolve(answer)
  }

  /** The node asks again. What this poll is just being handed still reaches it; nothing more is looked for. */
  endAfterLook(): void {
    this.#queue = this.#queue.then(() => this.settle(null))
  }

  refuse(refusal: AgentRefusal | Error): void {
    if (this.#finish()) this.#reject(refusal)
  }

  /** Answers the poll if there is anything for it; tells which tasks it took. */
  async look(db: Db, view: View): Promise<LeasedTask[]> {
    const turn = this.#queue.then(() => this.#lookNow(db, view))
    this.#queue = turn.catch(() => {})
    return await turn
  }

  async #lookNow(db: Db, { news, left, turnMs }: View): Promise<LeasedTask[]> {
    if (!this.isOpen) return []
    requireWelcome({ ...news, name: this.#call.node.name })
    const tasks = await claimTasks(db, this.#claimant(news.mayTake, left))
    const answer = {
      tasks,
      cancels: this.#freshCancels(news),
      releaseHolds: await findFinishedHolds(db, this.request.holds),
      vaultVersion: String(news.vaultVersion),
      wish: news.wish,
    }
    if (!this.isOpen) {
      if (tasks.length > 0) await this.#giveBack(db, tasks)
      return []
    }
    wakeAnswers(tasks.map(({ taskId }) => taskId))
    const concernsIt = tasks.length + answer.cancels.length + answer.releaseHolds.length > 0
    if (concernsIt || this.#hasOtherWish(news)) this.settle(answer)
    else if (this.#isBehind(news)) this.#tellWithin(turnMs, answer)
    return tasks
  }

  async #giveBack(db: Db, tasks: LeasedTask[]): Promise<void> {
    await returnClaims(db, tasks)
    wake([{ runtimeId: this.runtimeId, for: 'tasks' }])
  }

  /** The vault moved. The poll's turn to hear it stays the one that it was given first, however often it moves meanwhile. */
  #tellWithin(turnMs: number, answer: PollResponse): void {
    if (turnMs === 0) return this.settle(answer)
    if (this.#lastWord === null) this.#endWithin(turnMs)
    this.#lastWord = answer
  }

  /** With places only for what is there for it. */
  #claimant(may: Demand, left: Demand): Claimant {
    const { nodeId, runtimeId, request } = this
    return {
      nodeId,
      runtimeId,
      freeSlots: Math.min(may.copies, left.copies) > 0 ? request.slots.free : 0,
      freeInteractive: Math.min(may.requests, left.requests) > 0 ? request.interactiveFree : 0,
    }
  }

  /** Those since the poll before this one: that one's answer may have been lost. Every heartbeat repeats them. */
  #freshCancels(news: NodeNews) {
    const since = this.#call.node.lastPollAt?.getTime() ?? 0
    return news.cancels
      .filter(({ requestedAt }) => requestedAt.getTime() >= since)
      .map(({ taskId, epoch }) => ({ taskId, epoch }))
  }

  #hasOtherWish({ wish }: NodeNews): boolean {
    return this.request.wish !== undefined && this.request.wish !== wish
  }

  #isBehind({ vaultVersion }: NodeNews): boolean {
    return BigInt(this.request.vaultVersion) < BigInt(vaultVersion)
  }

  /** Ends the wait after this time, unless it ends earlier already. */
  #endWithin(ms: number): void {
    const endsAtMs = performance.now() + ms
    if (!this.isOpen || endsAtMs >= this.#endsAtMs) return
    this.#endsAtMs = endsAtMs
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.settle(this.#lastWord), Math.ceil(ms / timerStepMs) * timerStepMs)
  }

  readonly #giveUp = (): void => this.settle(null)

  #finish(): boolean {
    if (this.#settled) return false
    this.#settled = true
    clearTimeout(this.#timer)
    this.#call.signal.removeEventListener('abort', this.#giveUp)
    return true
  }
}
