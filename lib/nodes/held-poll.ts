import type { AgentRefusal } from '@/lib/agent-refusal'
import type { NodeCall } from '@/lib/agent-route'
import { requireWelcome } from '@/lib/auth/node-caller'
import type { Db } from '@/lib/db/client'
import { wakeAnswers } from '@/lib/interactive/answer-wake'
import type { Demand, NodeNews } from '@/lib/nodes/poll-news'
import type { PollRequest, PollResponse } from '@/lib/protocol/poll'
import type { LeasedTask } from '@/lib/protocol/task'
import { claimTasks, returnClaims } from '@/lib/tasks/claim'
import { findFinishedHolds } from '@/lib/tasks/holds'

/** Few distinct durations, so that thousands of timers share a few of Node's timer lists. */
const timerStepMs = 250

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

  get busySlots(): number {
    return this.request.slots.total - this.request.slots.free
  }

  /** Begins the time that the node allows for nothing to happen. */
  hold(): void {
    if (!this.isOpen) return
    const ms = Math.ceil(this.request.holdMs / timerStepMs) * timerStepMs
    this.#timer = setTimeout(() => this.settle(null), ms)
  }

  settle(answer: PollResponse): void {
    if (this.#finish()) this.#resolve(answer)
  }

  refuse(refusal: AgentRefusal | Error): void {
    if (this.#finish()) this.#reject(refusal)
  }

  /** Answers the poll if there is anything for it; tells which tasks it took. */
  async look(db: Db, news: NodeNews, demand: Demand): Promise<LeasedTask[]> {
    const turn = this.#queue.then(() => this.#lookNow(db, news, demand))
    this.#queue = turn.catch(() => {})
    return await turn
  }

  async #lookNow(db: Db, news: NodeNews, demand: Demand): Promise<LeasedTask[]> {
    if (!this.isOpen) return []
    requireWelcome({ ...news, name: this.#call.node.name })
    const tasks = this.#mayWant(demand) ? await claimTasks(db, this.#claimant()) : []
    const answer = {
      tasks,
      cancels: this.#freshCancels(news),
      releaseHolds: await findFinishedHolds(db, this.request.holds),
      vaultVersion: String(news.vaultVersion),
      wish: news.wish,
    }
    if (!this.isOpen) {
      if (tasks.length > 0) await returnClaims(db, tasks)
      return []
    }
    wakeAnswers(tasks.map(({ taskId }) => taskId))
    if (
      tasks.length > 0 ||
      answer.cancels.length > 0 ||
      answer.releaseHolds.length > 0 ||
      this.#isStale(news)
    )
      this.settle(answer)
    return tasks
  }

  #mayWant(demand: Demand): boolean {
    const { slots, interactiveFree } = this.request
    const requests = demand.requests + (demand.requestsByNode[this.nodeId] ?? 0)
    return (slots.free > 0 && demand.copies > 0) || (interactiveFree > 0 && requests > 0)
  }

  #claimant() {
    const { slots, interactiveFree } = this.request
    return { nodeId: this.nodeId, freeSlots: slots.free, freeInteractive: interactiveFree }
  }

  /** Those since the poll before this one: that one's answer may have been lost. Every heartbeat repeats them. */
  #freshCancels(news: NodeNews) {
    const since = this.#call.node.lastPollAt?.getTime() ?? 0
    return news.cancels
      .filter(({ requestedAt }) => requestedAt.getTime() >= since)
      .map(({ taskId, epoch }) => ({ taskId, epoch }))
  }

  #isStale({ vaultVersion, wish }: NodeNews): boolean {
    const behind = BigInt(this.request.vaultVersion) < BigInt(vaultVersion)
    return behind || (this.request.wish !== undefined && this.request.wish !== wish)
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
