import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

/** Above this share of all cores' time something still works on the run before: autovacuum, write-back, an ending process. */
const quietShare = 0.05
const lookMs = 500
const quietLooks = 3
const limitMs = 60_000

/**
 * Waits until the machine has written what it owes to its disks and does nothing else, so that no run pays for the one
 * before it. Says so and goes on where the machine does not come to rest within a minute.
 */
export async function awaitQuiet(): Promise<void> {
  await promisify(execFile)('sync')
  const deadline = performance.now() + limitMs
  let before = await busyTicks()
  for (let quiet = 0; quiet < quietLooks;) {
    if (performance.now() > deadline) {
      console.log('The machine does not come to rest; the next run shares it with something else.')
      return
    }
    await sleep(lookMs)
    const now = await busyTicks()
    quiet = (now.busy - before.busy) / (now.all - before.all) < quietShare ? quiet + 1 : 0
    before = now
  }
}

/** Ticks of all cores since the start of the machine: the first line of /proc/stat (proc_stat(5)); busy is all but idle. */
async function busyTicks(): Promise<{ busy: number; all: number }> {
  const [line = ''] = (await readFile('/proc/stat', 'utf8')).split('\n')
  const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number)
  const all = ticks.reduce((sum, one) => sum + one, 0)
  return { busy: all - (ticks[3] ?? 0), all }
}
