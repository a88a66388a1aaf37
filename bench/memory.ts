import { readdir, readFile } from 'node:fs/promises'

/** Watches a process and all its descendants (Linux: /proc); `stop` gives the largest sum of resident bytes seen. */
export function watchMemory(rootPid: number, intervalMs = 100): { stop(): number } {
  let peak = 0
  const timer = setInterval(() => {
    void residentBytes(rootPid).then((bytes) => (peak = Math.max(peak, bytes)))
  }, intervalMs)
  return {
    stop: () => {
      clearInterval(timer)
      return peak
    },
  }
}

export async function residentBytes(rootPid: number): Promise<number> {
  const processes = new Map<number, { parent: number; bytes: number }>()
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  await Promise.all(
    pids.map(async (pid) => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
      const field = (pattern: RegExp) => Number(pattern.exec(status)?.[1] ?? 0)
      processes.set(pid, { parent: field(/^PPid:\s+(\d+)/m), bytes: field(/^VmRSS:\s+(\d+)/m) * 1024 })
    }),
  )
  const descends = (pid: number): boolean => {
    for (let at = pid; at > 0; at = processes.get(at)?.parent ?? 0) if (at === rootPid) return true
    return false
  }
  return [...processes].reduce((sum, [pid, { bytes }]) => (descends(pid) ? sum + bytes : sum), 0)
}
