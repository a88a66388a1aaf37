import { AgentRefusal } from '@/lib/agent-refusal'
import type { Db } from '@/lib/db/client'
import type { HeldPoll } from '@/lib/nodes/held-poll'
import type { HeldPolls } from '@/lib/nodes/held-polls'
import { type Demand, type NodeNews, readNews } from '@/lib/nodes/poll-news'
import { isInteractive } from '@/lib/protocol/task'

type Turn = { again: boolean }

/** Brings news and tasks to the held polls of a runtime: one round at a time, and another if it was woken meanwhile. */
export class Dispatcher {
  readonly #db: Db
  readonly #held: HeldPolls
  readonly #onError: (error: unknown) => void
  readonly #turns = new Map<string, Turn>()

  constructor(db: Db, held: HeldPolls, onError: (error: unknown) => void) {
    this.#db = db
    this.#held = held
    this.#onError = onError
  }

  wake(runtimeId: string): void {
    const turn = this.#turns.get(runtimeId)
    if (turn) {
      turn.again = true
      return
    }
    if (this.#held.of(runtimeId).length === 0) return
    const mine = { again: false }
    this.#turns.set(runtimeId, mine)
    void this.#run(runtimeId, mine)
  }

  async #run(runtimeId: string, turn: Turn): Promise<void> {
    try {
      do {
        turn.again = false
        await this.#round(runtimeId)
      } while (turn.again)
    } catch (error) {
      // The safety poll comes round within a second.
      this.#onError(error)
    } finally {
      this.#turns.delete(runtimeId)
    }
  }

  /** Idle nodes first, so that work spreads; every poll hears its news, and tasks are offered until none is left. */
  async #round(runtimeId: string): Promise<void> {
    const polls = this.#held.of(runtimeId).filter((poll) => poll.isOpen)
    if (polls.length === 0) return
    const news = await readNews(
      this.#db,
      runtimeId,
      polls.map(({ nodeId }) => nodeId),
    )
    const left = { ...news.demand }
    for (const poll of polls.toSorted((a, b) => a.busySlots - b.busySlots)) {
      const heard = news.nodes.get(poll.nodeId)
      if (!heard) poll.refuse(deletedNode())
      else await this.#offer(poll, heard, left)
    }
  }

  async #offer(poll: HeldPoll, heard: NodeNews, left: Demand): Promise<void> {
    try {
      const taken = await poll.look(this.#db, heard, left)
      const requests = taken.filter(({ spec }) => isInteractive(spec.kind)).length
      left.requests = Math.max(0, left.requests - requests)
      left.copies = Math.max(0, left.copies - (taken.length - requests))
    } catch (error) {
      if (!(error instanceof AgentRefusal)) throw error
      poll.refuse(error)
    }
  }
}

export function deletedNode(): AgentRefusal {
  return new AgentRefusal('unknown_node', 'The node was deleted. Register it again')
}
