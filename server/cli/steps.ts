import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'

export type Step = {
  name: string
  argv: [string, ...string[]]
  /** A JSON report that tells how many tests passed and failed, and which could not be run here. */
  report?: { file: string; count(report: unknown): Counts }
}

/** A test that failed: its file and name, and what it said. */
type Failure = { test: string; said: string }
export type Counts = { passed: number; failures: Failure[]; notRun: string[] }
export type Outcome = {
  name: string
  ok: boolean
  seconds: number
  counts: Counts | null
  /** What a step without a report of its tests printed last. */
  lastWords: string
}

const linesOfAFailure = 12
const wordsKept = 2000

/** Runs the steps one after the other, all of them, so that one run tells everything that is wrong. */
export async function runSteps(steps: Step[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const step of steps) {
    printTitle(step.name)
    outcomes.push(await runStep(step))
  }
  return outcomes
}

/**
 * Runs a step that mostly waits beside one that mostly works: on two cores that costs neither much, and saves the time of
 * the shorter. What the waiting one says is told once the other is done.
 */
export async function runBeside(working: Step, waiting: Step): Promise<Outcome[]> {
  printTitle(`${working.name}, ${waiting.name}`)
  const held: Buffer[] = []
  const beside = runStep(waiting, (words) => held.push(words))
  const worked = await runStep(working)
  const waited = await beside
  printTitle(waiting.name)
  process.stdout.write(Buffer.concat(held))
  return [worked, waited]
}

function printTitle(title: string): void {
  console.log(`\n── ${title} ${'─'.repeat(Math.max(0, 70 - title.length))}`)
}

/** Prints one line per step and answers whether all went well. */
export function summarise(outcomes: Outcome[]): boolean {
  console.log(`\n── summary ${'─'.repeat(63)}`)
  for (const { name, ok, seconds, counts } of outcomes) {
    const tests = counts ? `  ${counts.passed} passed, ${counts.failures.length} failed` : ''
    console.log(`${ok ? 'ok    ' : 'FAILED'}  ${name.padEnd(24)} ${seconds.toFixed(1).padStart(7)} s${tests}`)
  }
  const { failures, notRun } = sumCounts(outcomes)
  // Once more at the very end: of a long log often only the end is kept.
  for (const { test, said } of failures) console.log(`\nFAILED  ${test}\n${indented(said)}`)
  if (notRun.length > 0)
    console.log(`\nNot run on this machine:\n${notRun.map((name) => `  ${name}`).join('\n')}`)
  return outcomes.every(({ ok }) => ok)
}

/** Tests over all steps; a step that failed without a failed test counts as one. */
export function sumCounts(outcomes: Outcome[]): Counts {
  const total: Counts = { passed: 0, failures: [], notRun: [] }
  for (const { name, ok, counts, lastWords } of outcomes) {
    const failures = counts?.failures ?? []
    total.passed += counts?.passed ?? 0
    total.failures.push(...failures)
    if (!ok && failures.length === 0)
      total.failures.push({
        test: name,
        said: lastLines(lastWords) || 'The step itself failed: see what it printed above.',
      })
    total.notRun.push(...(counts?.notRun ?? []))
  }
  return total
}

function lastLines(words: string): string {
  return words.trim().split('\n').slice(-linesOfAFailure).join('\n')
}

/** The first lines of a message, without colours and without the stack inside of libraries. */
function indented(message: string): string {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .filter((line) => !/^\s+at .*node(_modules\/|:internal)/.test(line))
  return lines
    .slice(0, linesOfAFailure)
    .map((line) => `        ${line}`)
    .join('\n')
}

/** @param tell takes what a step without a report prints; it goes to the terminal by itself otherwise. */
async function runStep({ name, argv, report }: Step, tell?: (words: Buffer) => void): Promise<Outcome> {
  if (report) rmSync(report.file, { force: true })
  const startedAt = performance.now()
  const [command, ...args] = argv
  // Steps with a report draw for a terminal; of the others the last words are kept.
  const child = spawn(command, args, { stdio: report ? 'inherit' : ['inherit', 'pipe', 'pipe'] })
  const closed = new Promise((resolve) => child.once('close', resolve))
  let lastWords = ''
  for (const [from, to] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ] as const)
    from?.on('data', (words: Buffer) => {
      if (tell) tell(words)
      else to.write(words)
      lastWords = (lastWords + words.toString()).slice(-wordsKept)
    })
  const forward = (signal: NodeJS.Signals) => child.kill(signal)
  process.on('SIGTERM', forward)
  const code = await new Promise<number | null>((resolve) => {
    child.on('error', (error) => {
      console.error(`${command}: ${error.message}`)
      resolve(1)
    })
    child.on('exit', resolve)
  })
  // What it left running may keep its output open for ever.
  await Promise.race([closed, sleep(1000, undefined, { ref: false })])
  process.off('SIGTERM', forward)
  const counts =
    report && existsSync(report.file) ? report.count(JSON.parse(readFileSync(report.file, 'utf8'))) : null
  return { name, ok: code === 0, seconds: (performance.now() - startedAt) / 1000, counts, lastWords }
}
