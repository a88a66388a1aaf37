import type { Step } from './steps.ts'
import { playwrightCounts, vitestCounts } from './test-reports.ts'

const reports = 'dist/reports'

/** What `npm run check` holds every change against, cheapest first. */
export const checkSteps: Step[] = [
  { name: 'format', argv: ['oxfmt', '--check', '.'] },
  { name: 'lint', argv: ['oxlint'] },
  { name: 'route types', argv: ['next', 'typegen'] },
  { name: 'types', argv: ['tsc', '-p', '.'] },
  { name: 'dead code', argv: ['knip'] },
  { name: 'agent bundle', argv: ['node', 'agent/build.ts'] },
  {
    name: 'tests',
    argv: [
      'vitest',
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${reports}/vitest.json`,
    ],
    report: {
      file: `${reports}/vitest.json`,
      count: vitestCounts,
    },
  },
]

/** Journeys in a real browser against the built portal and agents. */
export const journeys: Step = {
  name: 'journeys',
  argv: ['playwright', 'test', '--reporter=list,json'],
  report: {
    file: `${reports}/playwright.json`,
    count: playwrightCounts,
  },
}

/** A short round of the kill test: enough to see every kind of fault once. */
export const chaos: Step = {
  name: 'chaos',
  argv: ['node', '--import', './server/cli/typescript.mjs', 'bench/chaos.ts', '--copies', '6'],
}
