import { AgentRefusal } from '@/lib/agent-refusal'

/** How often a node may ask, and how often at once after a calm time. */
export type Pace = { perSecond: number; burst: number }

/** A node that finishes small parts on many slots polls often; one that polls in a circle is slowed down. */
export const pollPace: Pace = { perSecond: 20, burst: 100 }

/**
 * Of heartbeats, completions and vault requests each. A good node confirms its lease as each task begins and tells its end: a
 * slot that begins ten tasks a second is busier than any copy, and above the cap it is this process that is the brake.
 */
export function taskPace(slots: number): Pace {
  const perSecond = Math.min(300, 20 + 10 * slots)
  return { perSecond, burst: 5 * perSecond }
}

/** Nodes whose bucket is full again need none. */
const forgetEvery = 10_000
type Bucket = { tokens: number; atMs: number; pace: Pace }

/** A token bucket per node, in memory: it protects this process. */
export class NodeLimiter {
  readonly #buckets = new Map<string, Bucket>()
  readonly #does: string
  readonly #nowMs: () => number

  /** `does`: what the node does too often; `nowMs`: a clock that only goes forward. */
  constructor(does: string, nowMs = () => performance.now()) {
    this.#does = does
    this.#nowMs = nowMs
  }

  take(nodeId: string, pace: Pace): void {
    const nowMs = this.#nowMs()
    if (this.#buckets.size > forgetEvery) this.#forgetFull(nowMs)
    const bucket = this.#buckets.get(nodeId)
    const tokens = bucket ? refilled({ ...bucket, pace }, nowMs) : pace.burst
    this.#buckets.set(nodeId, { tokens: Math.max(0, tokens - 1), atMs: nowMs, pace })
    if (tokens < 1) throw new AgentRefusal('rate_limited', `This node ${this.#does} too often`, 1)
  }

  #forgetFull(nowMs: number): void {
    for (const [nodeId, bucket] of this.#buckets)
      if (refilled(bucket, nowMs) >= bucket.pace.burst) this.#buckets.delete(nodeId)
  }
}

function refilled({ tokens, atMs, pace }: Bucket, nowMs: number): number {
  return Math.min(pace.burst, tokens + ((nowMs - atMs) / 1000) * pace.perSecond)
}
