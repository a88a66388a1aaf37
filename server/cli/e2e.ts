import { spawnSync } from 'node:child_process'
import { ensureChromium } from './chromium.ts'
import { useJourneyEnvironment } from './journey-environment.ts'

/** `npm run e2e [-- Playwright's arguments]` */
ensureChromium()
useJourneyEnvironment()
process.exitCode =
  spawnSync('playwright', ['test', ...process.argv.slice(2)], { stdio: 'inherit' }).status ?? 1
