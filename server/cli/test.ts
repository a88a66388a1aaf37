import { ensureChromium } from './chromium.ts'
import { useJourneyEnvironment } from './journey-environment.ts'
import { runBeside, runSteps, sumCounts, summarise } from './steps.ts'
import { chaos, checkSteps, journeys } from './test-steps.ts'

/** `npm test`: everything; the last line is `N passed, N failed` over all tests. */
ensureChromium()
const checked = await runSteps(checkSteps)
useJourneyEnvironment()
const outcomes = [...checked, ...(await runBeside(journeys, chaos))]
const ok = summarise(outcomes)
const { passed, failures, notRun } = sumCounts(outcomes)
console.log(`\n${passed} passed, ${failures.length} failed, ${notRun.length} skipped`)
process.exitCode = ok ? 0 : 1
