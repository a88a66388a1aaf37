import { AgentRefusal } from '@/lib/agent-refusal'
import type { Db } from '@/lib/db/client'
import type { HeldPoll, View } from '@/lib/nodes/held-poll'
import type { HeldPolls } from '@/lib/nodes/held-polls'
import { type Demand, readNews } from '@/lib/nodes/poll-news'
import { turnMs } from '@/lib/nodes/turns'
import { isInteractive } from '@/lib/protocol/task'
import type { Wake } from '@/lib/tasks/wake'

/** What a runtime was woken for since its last round. */
type Due = { tasks: boolean; all: boolean; nodeIds: Set<string> }
/** `spread`: this news concerns every node alike, so that it is told them one after another. */
type Round = { runtimeId: string; polls: HeldPoll[]; spread: boolean }

/** Nodes that are asked first whether they may take what is queued; most often one of them does. */
const firstAsked = 16
/** The next ones in ever larger turns, so that a task that nobody may take costs few queries. */
const askedGrowth = 4

/**
 * Brings news and tasks to the held polls of a runtime: one round at a time, and another if it was woken meanwhile. A
 * round looks only at the polls that it was woken for, so that thousands of others cost nothing.
 */
export class Dispatcher {
  readonly #db: Db
  readonly #held: HeldPolls
  readonly #onError: (error: unknown) => void
  readonly #due = new Map<string, Due>()
  readonly #running = new Set<string>()

  constructor(db: Db, held: HeldPolls, onError: (error: unknown) => void) {
    this.#db = db
    this.#held = held
    this.#onError = onError
  }

  wake(wakes: readonly Wake[]): void {
    for (const wake of wakes) {
      const { runtimeId } = wake
      if (this.#held.of(runtimeId).size === 0) continue
      const due = this.#due.get(runtimeId) ?? { tasks: false, all: false, nodeIds: new Set() }
      this.#due.set(runtimeId, due)
      if (wake.for === 'nodes') for (const nodeId of wake.nodeIds) due.nodeIds.add(nodeId)
      else due[wake.for] = true
      if (!this.#running.has(runtimeId)) void this.#run(runtimeId)
    }
  }

  async #run(runtimeId: string): Promise<void> {
    this.#running.add(runtimeId)
    try {
      for (let due = this.#take(runtimeId); due; due = this.#take(runtimeId))
        await this.#rounds(runtimeId, due)
    } catch (error) {
      // The look at the queue comes round within a second.
      this.#onError(error)
    } finally {
      this.#running.delete(runtimeId)
    }
  }

  #take(runtimeId: string): Due | undefined {
    const due = this.#due.get(runtimeId)
    this.#due.delete(runtimeId)
    return due
  }

  async #rounds(runtimeId: string, due: Due): Promise<void> {
    const named = [...due.nodeIds].flatMap((nodeId) => this.#held.ofNode(nodeId) ?? [])
    await this.#round({ runtimeId, polls: named, spread: false })
    if (due.all) await this.#round({ runtimeId, polls: [...this.#held.of(runtimeId)], spread: true })
    else if (due.tasks) await this.#offerTasks(runtimeId)
  }

  /** Idle nodes first, so that work spreads; a few at a time, until nothing is left that any of them may take. */
  async #offerTasks(runtimeId: string): Promise<void> {
    const polls = inTurn(this.#held.of(runtimeId)).filter((poll) => poll.hasPlace)
    for (let asked = 0, count = firstAsked; asked < polls.length; count *= askedGrowth) {
      const left = await this.#round({ runtimeId, polls: polls.slice(asked, asked + count), spread: true })
      if (left.copies + left.requests === 0) return
      asked += count
    }
  }

  /** Every one of these polls hears its news, and tasks are offered until none is left; answers what is. */
  async #round({ runtimeId, polls, spread }: Round): Promise<Demand> {
    const open = inTurn(polls).filter((poll) => poll.isOpen)
    if (open.length === 0) return { copies: 0, requests: 0 }
    const ids = open.map(({ nodeId }) => nodeId)
    const { demand, nodes } = await readNews(this.#db, runtimeId, ids)
    const left = { ...demand }
    const count = spread ? this.#held.of(runtimeId).size : 1
    for (const poll of open) {
      const news = nodes.get(poll.nodeId)
      if (!news) poll.refuse(deletedNode())
      else await this.#look(poll, { news, left, turnMs: turnMs(count, Math.random()) })
    }
    return left
  }

  async #look(poll: HeldPoll, view: View): Promise<void> {
    const { left } = view
    try {
      const taken = await poll.look(this.#db, view)
      const requests = taken.filter(({ spec }) => isInteractive(spec.kind)).length
      left.requests = Math.max(0, left.requests - requests)
      left.copies = Math.max(0, left.copies - (taken.length - requests))
    } catch (error) {
      if (!(error instanceof AgentRefusal)) throw error
      poll.refuse(error)
    }
  }
}

function inTurn(polls: Iterable<HeldPoll>): HeldPoll[] {
  return [...polls].toSorted((a, b) => a.busySlots - b.busySlots)
}

export function deletedNode(): AgentRefusal {
  return new AgentRefusal('unknown_node', 'The node was deleted. Register it again')
}
