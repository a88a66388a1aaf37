import type { AgentContext } from './agent-context.ts'
import { pause, retryMs } from './backoff.ts'

const dayMs = 86_400_000
const lookEveryMs = 3_600_000
/** A rotation that did not go through is not urgent: the old keys still count. */
const retryFloorMs = 60_000

/** Rotates the node's keys at the age that its configuration gives, and ends a rotation that something cut short. */
export async function keepKeysFresh(ctx: AgentContext, signal: AbortSignal): Promise<void> {
  for (let failures = 0; !signal.aborted;) {
    try {
      if (ctx.vault.generation() > 0 && isDue(ctx.keyring, ctx.config.rotateKeysDays, Date.now()))
        await ctx.vault.rekey(signal)
      failures = 0
      await pause(lookEveryMs, signal)
    } catch (error) {
      if (signal.aborted) return
      failures += 1
      ctx.log.warn(
        { reason: String(error), failures },
        'the keys could not be rotated; the present ones stay',
      )
      await pause(retryMs(error, { failures, random: ctx.random(), floorMs: retryFloorMs }), signal)
    }
  }
}

/** Keys whose making was not noted are as old as they can be. */
export function isDue(
  { preferred, isUnderWay }: { preferred: { madeAt: Date | null }; isUnderWay: boolean },
  rotateKeysDays: number,
  nowMs: number,
): boolean {
  if (isUnderWay) return true
  if (rotateKeysDays === 0) return false
  return nowMs - (preferred.madeAt?.getTime() ?? 0) > rotateKeysDays * dayMs
}
