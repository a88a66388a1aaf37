import { isMainThread, Worker } from 'node:worker_threads'
import { keepMemorySteady } from './steady-memory.ts'

/**
 * A copy makes short-lived buffers only. V8's own limit of 48 MB per thread would let them pile up: measured, a copy of two
 * parts peaks at 155 MB instead of 197 MB, in the same time.
 */
const maxYoungGenerationSizeMb = 8
/** The worker threads of the bundle run this same file. No environment goes along: secrets travel by message only. */
const spawnWorker = () =>
  new Worker(new URL(import.meta.url), {
    env: {},
    stdin: false,
    resourceLimits: { maxYoungGenerationSizeMb },
  })

// Whoever reads along (a pipe to "head", a log collector) may go; what is under way goes on without.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

const io = {
  out: (line: string) => console.log(line),
  err: (line: string) => console.error(line),
}
const onStop = (listener: () => void) => {
  process.on('SIGTERM', listener)
  process.on('SIGINT', listener)
}

if (isMainThread) {
  if (process.argv[2] === 'run') keepMemorySteady(process.env)
  void serveCommandLine()
} else void import('./task-worker.ts').then(({ serveTasks }) => serveTasks())

/** Either side loads only what it runs: a thread for a task starts in a third of the time, with a third of the memory. */
async function serveCommandLine(): Promise<void> {
  const { explainFailure, runCommandLine } = await import('./cli/command-line.ts')
  try {
    await runCommandLine({ io, spawnWorker, onStop })
  } catch (error) {
    io.err(explainFailure(error))
    // A held connection must not keep a failed command alive.
    process.exit(1)
  }
}
