import { relative } from 'node:path'
import type { Counts } from './steps.ts'

/** The part of Vitest's JSON report that is read here; a file that did not even load has a message of its own. */
type VitestReport = {
  numPassedTests: number
  testResults: {
    name: string
    status: string
    message: string
    assertionResults: { fullName: string; status: string; failureMessages: string[] }[]
  }[]
}

/** The part of Playwright's JSON report that is read here: suites within suites, a spec per test. */
type PlaywrightReport = { stats: { expected: number }; suites: PlaywrightSuite[] }
type PlaywrightSuite = { suites?: PlaywrightSuite[]; specs: PlaywrightSpec[] }
type PlaywrightSpec = {
  title: string
  file: string
  line: number
  tests: { status: string; results: { errors: { message: string }[] }[] }[]
}

/** What Vitest's JSON report counts, and what each failed test said. */
export function vitestCounts(report: unknown): Counts {
  const { numPassedTests, testResults } = report as VitestReport
  const failures = testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative('.', name)
    const failed = assertionResults.filter((test) => test.status === 'failed')
    if (status === 'failed' && failed.length === 0) return [{ test: file, said: message }]
    return failed.map((test) => ({
      test: `${file}  ${test.fullName}`,
      said: test.failureMessages.join('\n'),
    }))
  })
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults)
  const notRun = tests.filter(({ status }) => status === 'skipped' || status === 'pending')
  return { passed: numPassedTests, failures, notRun: notRun.map(({ fullName }) => fullName) }
}

/** What Playwright's JSON report counts; a test that passed only when tried again has failed. */
export function playwrightCounts(report: unknown): Counts {
  const { stats, suites } = report as PlaywrightReport
  const specs = specsOf(suites)
  const withStatus = (...statuses: string[]) =>
    specs.filter(({ tests }) => tests.some(({ status }) => statuses.includes(status)))
  return {
    passed: stats.expected,
    failures: withStatus('unexpected', 'flaky').map((spec) => ({
      test: nameOf(spec),
      said: spec.tests
        .flatMap(({ results }) => results.flatMap(({ errors }) => errors.map(({ message }) => message)))
        .join('\n'),
    })),
    notRun: withStatus('skipped').map(nameOf),
  }
}

function specsOf(suites: PlaywrightSuite[]): PlaywrightSpec[] {
  return suites.flatMap((suite) => [...suite.specs, ...specsOf(suite.suites ?? [])])
}

function nameOf({ file, line, title }: PlaywrightSpec): string {
  return `e2e/${file}:${line}  ${title}`
}
