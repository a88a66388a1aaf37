import { readFile } from 'node:fs/promises'
import { processTree } from './processes'

/** A process seldom starts another; how much it holds changes all the time. */
const lookForChildrenEvery = 10

/** Watches a process and all its descendants (Linux: /proc); `stop` gives the largest sum of resident bytes seen. */
export function watchMemory(rootPid: number, intervalMs = 250): { stop(): number } {
  let peak = 0
  let looks = 0
  let pids = [rootPid]
  const look = async () => {
    // Reading all of /proc each time would take half a core from the copies that are measured.
    if (looks % lookForChildrenEvery === 0) pids = await processTree(rootPid)
    looks += 1
    const bytes = await Promise.all(pids.map(residentBytes))
    peak = Math.max(
      peak,
      bytes.reduce((sum, one) => sum + one, 0),
    )
  }
  const timer = setInterval(() => void look(), intervalMs)
  return {
    stop: () => {
      clearInterval(timer)
      return peak
    },
  }
}

async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024
}
