import { setTimeout as sleep } from 'node:timers/promises'
import { type Arena, leaseSeconds } from './arena'
import type { Random } from './random'

export const faultKinds = [
  'kill node',
  'pause node',
  'kill portal',
  "kill portal's PostgreSQL",
  "kill stores' PostgreSQL",
] as const
export type FaultKind = (typeof faultKinds)[number]
export type FaultCounts = Record<FaultKind, number>

/** Nodes die most often, servers less: a store that is never there cannot be copied from. */
const odds: readonly FaultKind[] = [
  'kill node',
  'kill node',
  'kill node',
  'pause node',
  'pause node',
  'kill portal',
  "kill portal's PostgreSQL",
  "kill stores' PostgreSQL",
]

/** Breaks one thing after the other until told to stop; mends everything before it returns. */
export async function makeFaults(arena: Arena, random: Random, stop: AbortSignal): Promise<FaultCounts> {
  const counts: FaultCounts = {
    'kill node': 0,
    'pause node': 0,
    'kill portal': 0,
    "kill portal's PostgreSQL": 0,
    "kill stores' PostgreSQL": 0,
  }
  const mending: Promise<void>[] = []
  const paused = new Set<number>()
  while (!stop.aborted) {
    await sleep(random.between(300, 1500), undefined, { signal: stop }).catch(() => {})
    if (stop.aborted) break
    const kind = random.pick(odds)
    counts[kind] += 1
    const awayMs = random.between(100, 1500)
    if (kind === 'kill portal') await arena.crashPortal(awayMs)
    else if (kind === "kill portal's PostgreSQL") await arena.crashDatabase(awayMs)
    else if (kind === "kill stores' PostgreSQL") await arena.crashStores(awayMs)
    else
      mending.push(
        breakNode(arena, { kind, awayMs, paused, index: Math.floor(random.next() * arena.nodes.length) }),
      )
  }
  await Promise.all(mending)
  return counts
}

type NodeFault = { kind: FaultKind; awayMs: number; index: number; paused: Set<number> }

async function breakNode(arena: Arena, { kind, awayMs, index, paused }: NodeFault): Promise<void> {
  const node = arena.nodes[index]
  if (!node || paused.has(index)) return
  paused.add(index)
  if (kind === 'kill node') {
    await node.kill()
    await sleep(awayMs)
    node.start()
  } else {
    node.pause()
    await sleep(leaseSeconds * 1000 + 1000 + awayMs)
    node.resume()
  }
  paused.delete(index)
}
