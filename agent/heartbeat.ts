import { endpoints } from '../lib/protocol/endpoints.ts'
import type { RenewedLease, Resources } from '../lib/protocol/task.ts'
import type { z } from 'zod'
import type { AgentContext } from './agent-context.ts'
import { classify, pause, retryMs } from './backoff.ts'
import { createResourceMeter } from './machine.ts'
import type { TaskInHand } from './running-task.ts'
import type { TaskRunner } from './task-runner.ts'

/** Until the portal says otherwise; also after an idle time, so that a short lease (5 s) is renewed in time. */
const busyIntervalMs = 1500
/** An answer that takes longer is not waited for: the next attempt may find a living connection. */
const answerWithinMs = 5000
/** A task that is held does not outlast a longer wait for its lease. */
const longestAskedMs = 5000

export type Heartbeat = {
  /** There is something to renew now. */
  nudge(): void
  run(signal: AbortSignal): Promise<void>
}
type Beat = { tasks: readonly TaskInHand[]; resources?: z.infer<typeof Resources> }

/** Sends one heartbeat about these tasks and takes what the portal says of their leases. */
async function beat(ctx: AgentContext, { tasks, resources }: Beat, signal: AbortSignal) {
  const reports = tasks.map((inHand) => inHand.report())
  const sentAt = process.hrtime.bigint()
  try {
    const body = { tasks: reports.map(({ message }) => message), ...(resources && { resources }) }
    const within = AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)])
    const { leases, intervalMs } = await ctx.call(endpoints.heartbeat, body, within)
    for (const lease of leases) takeLease(tasks, lease, sentAt)
    return { leases, intervalMs }
  } catch (error) {
    for (const { restore } of reports) restore()
    throw error
  }
}

function takeLease(
  tasks: readonly TaskInHand[],
  { taskId, epoch, state, leaseMs }: z.infer<typeof RenewedLease>,
  sentAt: bigint,
): void {
  const inHand = tasks.find(({ task }) => task.taskId === taskId && task.epoch === epoch)
  if (state === 'fenced') inHand?.stop('fenced')
  else inHand?.renewed(sentAt, leaseMs)
  if (state === 'cancel') inHand?.stop('cancelled')
}

/** Renews one lease now, through any outage of the portal; false where the task is not to be done here any more. */
export async function confirmLease(
  ctx: AgentContext,
  inHand: TaskInHand,
  signal: AbortSignal,
): Promise<boolean> {
  const { taskId, epoch } = inHand.task
  const until = AbortSignal.any([signal, inHand.stopSignal])
  for (let failures = 0; !until.aborted; failures += 1) {
    try {
      const { leases } = await beat(ctx, { tasks: [inHand] }, until)
      return leases.some(
        (lease) => lease.taskId === taskId && lease.epoch === epoch && lease.state === 'held',
      )
    } catch (error) {
      if (classify(error) === 'fatal') return false
      await pause(retryMs(error, { failures, random: ctx.random(), longestAskedMs }), until)
    }
  }
  return false
}

/** Its own timer, never behind a poll or a copy: renews every lease and reports progress, and stops last. */
export function createHeartbeat(ctx: AgentContext, runner: TaskRunner): Heartbeat {
  const measure = createResourceMeter()
  let nudged = new AbortController()
  let intervalMs = busyIntervalMs
  let failures = 0
  let refused: unknown = null

  const waitMs = () => {
    const interval = runner.tasks.size > 0 ? Math.min(intervalMs, busyIntervalMs) : intervalMs
    if (failures > 0) {
      const bounds = { floorMs: 250, longestMs: interval, ...(runner.tasks.size > 0 && { longestAskedMs }) }
      return retryMs(refused, { failures, random: ctx.random(), ...bounds })
    }
    // ±20 %, so that a fleet does not beat as one.
    return Math.round(interval * (0.8 + 0.4 * ctx.random()))
  }
  return {
    nudge: () => nudged.abort(),
    async run(signal) {
      while (!signal.aborted) {
        await pause(waitMs(), AbortSignal.any([signal, nudged.signal]))
        // A nudge only shortens an idle wait: the task that came renews its first lease by itself.
        const early = nudged.signal.aborted
        if (early) nudged = new AbortController()
        if (signal.aborted || early) continue
        try {
          const tasks = [...runner.tasks.values()]
          intervalMs = (await beat(ctx, { tasks, resources: await measure() }, signal)).intervalMs
          failures = 0
        } catch (error) {
          failures += 1
          refused = error
          if (!signal.aborted) ctx.log.warn({ reason: String(error), failures }, 'heartbeat did not arrive')
        }
      }
    },
  }
}
