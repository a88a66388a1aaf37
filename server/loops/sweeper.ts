import type { Db } from '@/lib/db/client'
import { type Clocks, readDatabaseClock } from '@/lib/db/clock'
import { mendSetBackClock } from '@/lib/tasks/set-back-clock'
import { sweepLapsedTasks } from '@/lib/tasks/sweep'
import { wake, wakeRuntimes } from '@/lib/tasks/wake'
import { offerStaleWork } from '@/lib/vault/work'

/** After the portal or its database were away, nodes get this long to renew before their tasks are taken from them. */
const graceSeconds = 15
/** Two sweeps further apart than this mean that something was away in between. */
const gapMs = 10_000

/** How far the database's clock may be out of step with ours between two sweeps. */
const stepMs = 5_000

/** Takes back what silent nodes hold. */
export function makeSweeper(
  db: Db,
  { now, databaseNow = () => readDatabaseClock(db) }: Clocks,
): () => Promise<void> {
  let last: { ms: number; databaseMs: number } | null = null
  let grace = { seconds: graceSeconds, untilMs: 0 }
  return async () => {
    const at = now()
    const databaseMs = await databaseNow()
    const aheadMs = last ? databaseMs - last.databaseMs - (at - last.ms) : 0
    // Counted from the last sweep that succeeded: one that failed says that the database was away.
    if (last === null || at - last.ms > gapMs || aheadMs > stepMs) {
      // A clock that was set forward let every lease lapse at once, while the nodes are as alive as before.
      const seconds = graceSeconds + Math.ceil(Math.max(0, aheadMs) / 1000)
      grace = { seconds, untilMs: at + graceSeconds * 1000 }
    }
    if (aheadMs < -stepMs || last === null) wake(await mendSetBackClock(db))
    wake(await sweepLapsedTasks(db, at < grace.untilMs ? grace.seconds : 0))
    wakeRuntimes(await offerStaleWork(db))
    last = { ms: at, databaseMs }
  }
}
