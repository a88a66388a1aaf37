import { processShared } from '@/lib/process-shared'

type Listener = (runtimeIds: readonly string[]) => void

const listeners = processShared<Set<Listener>>('wake', () => new Set())

/**
 * Tells the held polls of these runtimes that there may be something for them: a task, a cancel, vault work, a new wish.
 * Call it after the commit; a wake-up that comes before the row finds nothing.
 */
export function wakeRuntimes(runtimeIds: readonly string[]): void {
  if (runtimeIds.length === 0) return
  for (const listener of listeners.value) listener(runtimeIds)
}

/** Answers a function that ends the subscription. */
export function onWake(listener: Listener): () => void {
  listeners.value.add(listener)
  return () => listeners.value.delete(listener)
}
