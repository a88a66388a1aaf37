import type { Step } from './steps.ts'

const reports = 'dist/reports'

/** The part of Vitest's JSON report that is read here. */
type VitestReport = {
  numPassedTests: number
  numFailedTests: number
  testResults: { assertionResults: { fullName: string; status: string }[] }[]
}

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
      count: (report) => {
        const { numPassedTests, numFailedTests, testResults } = report as VitestReport
        const tests = testResults.flatMap(({ assertionResults }) => assertionResults)
        const notRun = tests.filter(({ status }) => status === 'skipped' || status === 'pending')
        return {
          passed: numPassedTests,
          failed: numFailedTests,
          notRun: notRun.map(({ fullName }) => fullName),
        }
      },
    },
  },
]

/** Journeys in a real browser against the built portal and agents. */
export const journeySteps: Step[] = [
  {
    name: 'journeys',
    argv: ['playwright', 'test', '--reporter=list,json'],
    report: {
      file: `${reports}/playwright.json`,
      count: (report) => {
        const { stats } = report as { stats: { expected: number; unexpected: number; flaky: number } }
        return { passed: stats.expected, failed: stats.unexpected + stats.flaky, notRun: [] }
      },
    },
  },
]

/** A short round of the kill test: enough to see every kind of fault once. */
export const chaosSteps: Step[] = [
  {
    name: 'chaos',
    argv: ['node', '--import', './server/cli/typescript.mjs', 'bench/chaos.ts', '--copies', '6'],
  },
]
