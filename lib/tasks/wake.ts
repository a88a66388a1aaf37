import { processShared } from '@/lib/process-shared'

/** Something happened in a runtime, and which of its held polls may have to hear of it. */
export type Wake =
  /** Tasks were queued: as many idle nodes as there is work for. */
  | { runtimeId: string; for: 'tasks' }
  /** A cancel, a new wish, an admission to the vault: these nodes. */
  | { runtimeId: string; for: 'nodes'; nodeIds: readonly string[] }
  /** Everybody: a credential changed, a node left, the runtime was deleted. */
  | { runtimeId: string; for: 'all' }
/** `elsewhere`: another portal process said so. */
export type WakeSource = 'here' | 'elsewhere'
type Listener = (wakes: readonly Wake[], source: WakeSource) => void

const listeners = processShared<Set<Listener>>('wake', () => new Set())

/** Tells held polls that there may be something for them. Call it after the commit; a wake-up that comes before the row finds nothing. */
export function wake(wakes: readonly Wake[], source: WakeSource = 'here'): void {
  if (wakes.length === 0) return
  for (const listener of listeners.value) listener(wakes, source)
}

/** The same, for all nodes of these runtimes. */
export function wakeRuntimes(runtimeIds: readonly string[]): void {
  wake(runtimeIds.map((runtimeId) => ({ runtimeId, for: 'all' })))
}

/** Answers a function that ends the subscription. */
export function onWake(listener: Listener): () => void {
  listeners.value.add(listener)
  return () => listeners.value.delete(listener)
}
