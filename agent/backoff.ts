import { setTimeout as sleep } from 'node:timers/promises'
import { AgentFailure } from './agent-error.ts'
import { ForeignAnswer, Refusal } from './client.ts'

const minuteMs = 60_000

/** `random` is from 0 to 1. */
type Trying = {
  failures: number
  random: number
  floorMs?: number
  longestMs?: number
  longestAskedMs?: number
}

/**
 * How long to wait after an error: full jitter, first retry under a second, cap 60 s (reliability-and-security.md, section 1.5).
 * The answer's `Retry-After` is a floor: bounded, because what gave it may be wrong about the portal, and with a tenth of
 * jitter, so that a fleet that heard the same does not come back as one.
 */
export function retryMs(error: unknown, trying: Trying): number {
  const { failures, random, floorMs = 0, longestMs = minuteMs, longestAskedMs = minuteMs } = trying
  const ceiling = Math.min(longestMs, 500 * 2 ** Math.min(failures, 10))
  const isAnswer = error instanceof Refusal || error instanceof ForeignAnswer
  const asked = Math.min(longestAskedMs, (isAnswer && error.retryAfterMs) || 0)
  return Math.round(Math.max(floorMs, random * ceiling, asked * (1 + random / 10)))
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
