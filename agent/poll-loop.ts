import { endpoints } from '../lib/protocol/endpoints.ts'
import type { PollResponse } from '../lib/protocol/poll.ts'
import type { AgentContext } from './agent-context.ts'
import { AgentFailure } from './agent-error.ts'
import { classify, pause, retryMs } from './backoff.ts'
import { capabilities, createResourceMeter, describeMachine } from './machine.ts'
import type { TaskRunner } from './task-runner.ts'
import type { VaultKeeper } from './vault/vault-keeper.ts'

export type PollState = {
  lastAnswerAt: Date | null
  lastError: string | null
  wish: 'active' | 'cordoned' | 'draining'
}
export type PollLoop = {
  readonly state: PollState
  /** Something the portal should know at once: a slot became free. */
  wake(): void
  run(signal: AbortSignal): Promise<void>
}

/** Bounds of the adaptive hold: halved after a cut, grown by a quarter after each success (blueprint, section 6). */
export const holdBounds = { startMs: 25_000, minMs: 8000, maxMs: 55_000 }
/** A held answer that is later than this was lost on the way. */
const answerGraceMs = 15_000
/** The machine's description goes along again this often, besides on the first poll. */
const describeEveryPolls = 20

export function createPollLoop(
  ctx: AgentContext,
  { runner, vault }: { runner: TaskRunner; vault: VaultKeeper },
  incarnation: string,
): PollLoop {
  const state: PollState = { lastAnswerAt: null, lastError: null, wish: 'active' }
  const { allowedFolders, allowedHosts } = ctx.config
  const measure = createResourceMeter()
  let holdMs = holdBounds.startMs
  let woken = Promise.withResolvers<'woken'>()
  let pollCount = 0

  const poll = async (signal: AbortSignal) => {
    const free = runner.free()
    const describe = pollCount % describeEveryPolls === 0
    pollCount += 1
    return ctx.call(
      endpoints.poll,
      {
        slots: { total: runner.slots, free: free.slots },
        interactiveFree: free.interactive,
        running: [...runner.tasks.values()].map(({ task }) => ({ taskId: task.taskId, epoch: task.epoch })),
        holds: runner.settledHolds(ctx.snapshots.holdIds),
        resources: await measure(),
        ...(describe && {
          machine: describeMachine(),
          capabilities,
          policy: { allowedFolders, allowedHosts },
        }),
        incarnation,
        vaultVersion: vault.heardVersion,
        wish: state.wish,
        holdMs,
      },
      AbortSignal.any([signal, AbortSignal.timeout(holdMs + answerGraceMs)]),
    )
  }
  const take = async (answer: PollResponse) => {
    state.lastAnswerAt = new Date()
    state.lastError = null
    if (!answer) return
    state.wish = answer.wish
    runner.slots = answer.slots ?? runner.slots
    for (const { taskId, epoch } of answer.cancels) runner.stop(taskId, epoch, 'cancelled')
    for (const holdId of answer.releaseHolds) await ctx.snapshots.release(holdId)
    // Tasks first: they name only credentials that this node has opened, whatever the vault says now.
    runner.accept(answer.tasks)
    vault.hear(answer.vaultVersion)
  }
  const onePoll = async (signal: AbortSignal) => {
    woken = Promise.withResolvers()
    const answered = poll(signal).then((answer) => take(answer))
    // After a wake-up a second poll goes out; the portal then answers this one at once, and its tasks still count.
    if ((await Promise.race([answered, woken.promise])) === 'woken') answered.catch(() => {})
  }
  return {
    state,
    wake: () => woken.resolve('woken'),
    async run(signal) {
      for (let failures = 0; !signal.aborted;) {
        try {
          await onePoll(signal)
          failures = 0
          holdMs = Math.min(holdBounds.maxMs, Math.round(holdMs * 1.25))
        } catch (error) {
          if (signal.aborted) return
          if (classify(error) === 'fatal') throw error
          state.lastError = error instanceof Error ? error.message : String(error)
          if (wasCut(error)) holdMs = Math.max(holdBounds.minMs, Math.round(holdMs / 2))
          ctx.log.warn({ reason: state.lastError, failures }, 'poll failed')
          await pause(retryMs(error, { failures, random: ctx.random() }), signal)
          failures += 1
        }
      }
    },
  }
}

/** A proxy on the way that does not like held requests: cut connections and gateway time-outs. */
function wasCut(error: unknown): boolean {
  return error instanceof AgentFailure && ['tcp', 'portal', 'proxy'].includes(error.step)
}
