import type { HeldPoll } from '@/lib/nodes/held-poll'

const nobody: ReadonlySet<HeldPoll> = new Set()

/** The polls that this process holds: one per node, grouped by runtime. */
export class HeldPolls {
  readonly #byNode = new Map<string, HeldPoll>()
  readonly #byRuntime = new Map<string, Set<HeldPoll>>()

  /** A node's older poll is answered: one request is enough to wait. */
  add(poll: HeldPoll): void {
    this.#byNode.get(poll.nodeId)?.endAfterLook()
    this.#byNode.set(poll.nodeId, poll)
    const siblings = this.#byRuntime.get(poll.runtimeId)
    if (siblings) siblings.add(poll)
    else this.#byRuntime.set(poll.runtimeId, new Set([poll]))
  }

  remove(poll: HeldPoll): void {
    if (this.#byNode.get(poll.nodeId) === poll) this.#byNode.delete(poll.nodeId)
    const siblings = this.#byRuntime.get(poll.runtimeId)
    siblings?.delete(poll)
    if (siblings?.size === 0) this.#byRuntime.delete(poll.runtimeId)
  }

  of(runtimeId: string): ReadonlySet<HeldPoll> {
    return this.#byRuntime.get(runtimeId) ?? nobody
  }

  ofNode(nodeId: string): HeldPoll | undefined {
    return this.#byNode.get(nodeId)
  }

  get runtimeIds(): string[] {
    return [...this.#byRuntime.keys()]
  }

  get all(): HeldPoll[] {
    return [...this.#byNode.values()]
  }

  get size(): number {
    return this.#byNode.size
  }
}
