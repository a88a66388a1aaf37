import type { connectionSteps, TestConnectionResult } from '../../lib/protocol/interactive.ts'
import { type FailurePlace, failureFrom } from '../copy/failure.ts'

/** One step of a connection test. What it returns is shown to people; what it throws is explained to them. */
export type ConnectionStep = { step: (typeof connectionSteps)[number]; run: () => Promise<string> }

/** Runs the steps in order, measures each, and stops at the first that fails. */
export async function runConnectionSteps(
  steps: readonly ConnectionStep[],
  place: FailurePlace,
): Promise<TestConnectionResult> {
  const done: TestConnectionResult['steps'] = []
  for (const { step, run } of steps) {
    const started = performance.now()
    const outcome = await run().then(
      (detail) => ({ ok: true, detail }),
      (error: unknown) => ({ ok: false, detail: failureFrom(error, place).message }),
    )
    const { ok, detail } = outcome
    done.push({ step, ok, detail: detail.slice(0, 2000), durationMs: performance.now() - started })
    if (!ok) return { ok, steps: done }
  }
  return { ok: true, steps: done }
}
