import { AgentRefusal } from '@/lib/agent-refusal'

/** A node that finishes small parts on many slots polls often; one that polls in a circle is slowed down. */
const perSecond = 20
const burst = 100
/** Nodes whose bucket is full again need none. */
const forgetEvery = 10_000

/** A token bucket per node, in memory: it protects this process. */
export class PollLimiter {
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>()

  readonly #nowMs: () => number

  /** `nowMs`: a clock that only goes forward. */
  constructor(nowMs = () => performance.now()) {
    this.#nowMs = nowMs
  }

  take(nodeId: string): void {
    const nowMs = this.#nowMs()
    if (this.#buckets.size > forgetEvery) this.#forgetFull(nowMs)
    const bucket = this.#buckets.get(nodeId) ?? { tokens: burst, atMs: nowMs }
    const tokens = refilled(bucket, nowMs)
    this.#buckets.set(nodeId, { tokens: Math.max(0, tokens - 1), atMs: nowMs })
    if (tokens < 1) throw new AgentRefusal('rate_limited', 'This node polls too often', 1)
  }

  #forgetFull(nowMs: number): void {
    for (const [nodeId, bucket] of this.#buckets)
      if (refilled(bucket, nowMs) >= burst) this.#buckets.delete(nodeId)
  }
}

function refilled({ tokens, atMs }: { tokens: number; atMs: number }, nowMs: number): number {
  return Math.min(burst, tokens + ((nowMs - atMs) / 1000) * perSecond)
}
