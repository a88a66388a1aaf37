import { readdir, readFile } from 'node:fs/promises'

/** A process and all that descend from it (Linux: /proc). */
export async function processTree(rootPid: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const parents = new Map<number, number>()
  for (const pid of pids) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
    parents.set(pid, Number(/^PPid:\s+(\d+)/m.exec(status)?.[1] ?? 0))
  }
  const descends = (pid: number): boolean => {
    for (let at = pid; at > 0; at = parents.get(at) ?? 0) if (at === rootPid) return true
    return false
  }
  return pids.filter(descends)
}
