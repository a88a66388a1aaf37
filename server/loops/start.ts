import { forgetOldSignIns } from '@/lib/auth/forget'
import { makeNonceSweeper } from '@/lib/auth/node-nonces'
import type { Db } from '@/lib/db/client'
import { sweepInteractive } from '@/lib/interactive/sweep'
import { sweepRuns } from '@/lib/runs/sweep'
import { wake } from '@/lib/tasks/wake'
import { startLoop } from '@/server/loops/loop'
import { makeSweeper } from '@/server/loops/sweeper'

/** The portal's background work. Every portal process runs it; rows are locked, so that two never do the same. */
export function startLoops(db: Db): { stop: () => Promise<void> } {
  const clocks = { now: () => performance.now() }
  const stops = [
    startLoop({ name: 'sweeper', everyMs: 2_000, run: makeSweeper(db, clocks) }),
    startLoop({ name: 'requests', everyMs: 5_000, run: () => sweepInteractive(db) }),
    startLoop({ name: 'runs', everyMs: 60_000, run: async () => wake(await sweepRuns(db)) }),
    startLoop({ name: 'sign-ins', everyMs: 600_000, run: () => forgetOldSignIns(db) }),
    startLoop({ name: 'nonces', everyMs: 30_000, run: makeNonceSweeper(db, clocks) }),
  ]
  return {
    async stop() {
      await Promise.all(stops.map((stop) => stop()))
    },
  }
}
