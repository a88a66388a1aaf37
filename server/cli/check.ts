import { runSteps, summarise } from './steps.ts'
import { checkSteps } from './test-steps.ts'

/** `npm run check`: format, lint, types, dead code, agent bundle guard, tests. */
process.exitCode = summarise(await runSteps(checkSteps)) ? 0 : 1
