import { endpoints } from '../lib/protocol/endpoints.ts'
import type { AgentContext } from './agent-context.ts'
import { backoffMs, classify, pause } from './backoff.ts'
import type { TaskInHand } from './running-task.ts'
import type { TaskRunner } from './task-runner.ts'

/** Until the portal says otherwise. */
const firstIntervalMs = 2000

/** Sends one heartbeat about these tasks and takes what the portal says of their leases. */
export async function beat(ctx: AgentContext, tasks: readonly TaskInHand[], signal?: AbortSignal) {
  const reports = tasks.map((inHand) => inHand.report())
  const sentAt = process.hrtime.bigint()
  try {
    const body = { tasks: reports.map(({ message }) => message) }
    const { leases, intervalMs } = await ctx.call(endpoints.heartbeat, body, signal)
    for (const lease of leases) {
      const inHand = tasks.find(({ task }) => task.taskId === lease.taskId && task.epoch === lease.epoch)
      if (lease.state === 'fenced') inHand?.stop('fenced')
      else inHand?.renewed(sentAt, lease.leaseMs)
      if (lease.state === 'cancel') inHand?.stop('cancelled')
    }
    return { leases, intervalMs }
  } catch (error) {
    for (const { restore } of reports) restore()
    throw error
  }
}

/** Renews one lease now, through any outage of the portal; false where the task is not ours any more. */
export async function confirmLease(
  ctx: AgentContext,
  inHand: TaskInHand,
  signal: AbortSignal,
): Promise<boolean> {
  const { taskId, epoch } = inHand.task
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      const { leases } = await beat(ctx, [inHand], signal)
      const lease = leases.find((renewed) => renewed.taskId === taskId && renewed.epoch === epoch)
      return lease?.state === 'held'
    } catch (error) {
      if (classify(error) === 'fatal') return false
      await pause(backoffMs(failures, ctx.random()), signal)
    }
  }
  return false
}

/** Its own timer, never behind a poll or a copy: renews every lease and reports progress, and stops last. */
export async function heartbeatLoop(
  ctx: AgentContext,
  runner: TaskRunner,
  signal: AbortSignal,
): Promise<void> {
  let intervalMs = firstIntervalMs
  let failures = 0
  while (!signal.aborted) {
    await pause(
      failures === 0
        ? jittered(intervalMs, ctx.random())
        : Math.min(intervalMs, backoffMs(failures, ctx.random(), 250)),
      signal,
    )
    if (signal.aborted) return
    const tasks = [...runner.tasks.values()]
    if (tasks.length === 0) continue
    try {
      intervalMs = (await beat(ctx, tasks, signal)).intervalMs
      failures = 0
    } catch (error) {
      failures += 1
      if (!signal.aborted) ctx.log.warn({ reason: String(error), failures }, 'heartbeat did not arrive')
    }
  }
}

/** ±20 %, so that a fleet does not beat as one. */
function jittered(intervalMs: number, random: number): number {
  return Math.round(intervalMs * (0.8 + 0.4 * random))
}
