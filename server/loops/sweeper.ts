import type { Db } from '@/lib/db/client'
import { sweepLapsedTasks } from '@/lib/tasks/sweep'
import { wake, wakeRuntimes } from '@/lib/tasks/wake'
import { offerStaleWork } from '@/lib/vault/work'

/** After the portal or its database were away, nodes get this long to renew before their tasks are taken from them. */
const graceSeconds = 15
/** Two sweeps further apart than this mean that something was away in between. */
const gapMs = 10_000

/** Takes back what silent nodes hold. `now` is monotonic, in milliseconds. */
export function makeSweeper(db: Db, now: () => number): () => Promise<void> {
  let lastMs: number | null = null
  let graceUntilMs = 0
  return async () => {
    const at = now()
    // Counted from the last sweep that succeeded: one that failed says that the database was away.
    if (lastMs === null || at - lastMs > gapMs) graceUntilMs = at + graceSeconds * 1000
    wake(await sweepLapsedTasks(db, at < graceUntilMs ? graceSeconds : 0))
    wakeRuntimes(await offerStaleWork(db))
    lastMs = now()
  }
}
