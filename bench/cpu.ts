import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { processTree } from './processes'
import type { Workbench } from './workbench'

/** Seconds of processor time. `rest`: of this process, which is the portal or drives the peer, and of the peer's processes. */
export type Cpu = { stores: number; agent: number; rest: number; available: number }

/** USER_HZ: ticks per second in /proc (proc_pid_stat(5)); 100 on every Linux that Node runs on. */
const ticksPerSecond = 100

/** Who took how much of the processors while `work` ran; `available` is what all cores together had in the same time. */
export async function withCpu<Result>(
  bench: Workbench,
  work: () => Promise<Result>,
): Promise<{ result: Result; cpu: Cpu }> {
  const [before, startedAt] = [await read(bench), performance.now()]
  const result = await work()
  const seconds = (performance.now() - startedAt) / 1000
  const after = await read(bench)
  const cpu = {
    stores: after.stores - before.stores,
    agent: after.agent - before.agent,
    rest: after.rest - before.rest,
    available: seconds * availableParallelism(),
  }
  return { result, cpu }
}

async function read({ source, sink, node }: Workbench): Promise<Omit<Cpu, 'available'>> {
  const [stores, agent, rest] = await Promise.all([
    secondsOfTrees([source.pid, sink.pid]),
    secondsOfTrees([node.pid ?? 0]),
    secondsOf(process.pid),
  ])
  return { stores, agent, rest }
}

async function secondsOfTrees(roots: readonly number[]): Promise<number> {
  const pids = (await Promise.all(roots.map(processTree))).flat()
  const seconds = await Promise.all(pids.map(secondsOf))
  return seconds.reduce((sum, one) => sum + one, 0)
}

/** Of a process and its children that have ended: the fields utime, stime, cutime and cstime (proc_pid_stat(5)). */
async function secondsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
  return ticks / ticksPerSecond
}
