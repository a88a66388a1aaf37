import { setTimeout as sleep } from 'node:timers/promises'
import { AgentFailure } from './agent-error.ts'
import { Refusal } from './client.ts'

/** Full jitter, first retry under a second, cap 60 s (reliability-and-security.md, section 1.5). `random` is from 0 to 1. */
export function backoffMs(failures: number, random: number, floorMs = 0): number {
  const ceiling = Math.min(60_000, 500 * 2 ** Math.min(failures, 10))
  return Math.max(floorMs, Math.round(random * ceiling))
}

/** `fatal`: trying again cannot help before a person did something. */
export function classify(error: unknown): 'retry' | 'fatal' {
  if (error instanceof Refusal) {
    if (['revoked', 'unknown_node', 'upgrade_required', 'gone'].includes(error.code)) return 'fatal'
    return 'retry'
  }
  return error instanceof AgentFailure && error.step === 'config' ? 'fatal' : 'retry'
}

/** Waits; an abort ends the wait without an error. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {})
}
