import { parentPort } from 'node:worker_threads'
import type { Failure } from '../lib/protocol/failure.ts'
import { TaskFailure } from './copy/failure.ts'
import { readStaged } from './copy/files/read-staged.ts'
import { runTask } from './copy/run-task.ts'
import type { TaskContext } from './copy/task-context.ts'
import type {
  FromWorker,
  QuestionName,
  ToWorker,
  Work,
  WorkerQuestions,
  WorkTerms,
} from './worker-messages.ts'

type Pending = { resolve: (value: unknown) => void; reject: (error: Error) => void }

/** The worker thread's side: does one task, or a piece of one, at a time, and asks the main thread for what only it has. */
export function serveTasks(): void {
  const port = parentPort
  if (!port) throw new Error('serveTasks runs in a worker thread')
  const pending = new Map<number, Pending>()
  let questionCount = 0
  let abort = new AbortController()

  const post = (message: FromWorker) => port.postMessage(message)
  const ask = async <Name extends QuestionName>(name: Name, question: WorkerQuestions[Name]['ask']) => {
    const id = (questionCount += 1)
    const answered = new Promise<unknown>((resolve, reject) => pending.set(id, { resolve, reject }))
    post({ type: 'question', id, name, ask: question })
    return (await answered) as WorkerQuestions[Name]['answer']
  }
  const run = async (work: Work, { lease, allowedFolders, allowedHosts }: WorkTerms) => {
    abort = new AbortController()
    const deadline = new BigInt64Array(lease)
    const ctx: TaskContext = {
      secretFor: (store) => ask('secretFor', store),
      holdSnapshot: (source) => ask('holdSnapshot', source),
      committing: async () => void (await ask('committing', null)),
      readElsewhere: (reading) => ask('readElsewhere', reading),
      canCommit: () => process.hrtime.bigint() < Atomics.load(deadline, 0),
      allowedFolders,
      allowedHosts,
      progress: (progress) => post({ type: 'progress', progress }),
      log: (level, text) =>
        post({ type: 'log', line: { at: new Date().toISOString(), level, message: text.slice(0, 2000) } }),
      signal: abort.signal,
    }
    try {
      post(await done(work, ctx))
    } catch (error) {
      const failure = toFailure(error)
      if (failure.code === 'internal') ctx.log('error', `The unexpected error came from: ${framesOf(error)}`)
      post({ type: 'failed', failure })
    }
  }
  const settle = (id: number, end: (waiting: Pending) => void) => {
    const waiting = pending.get(id)
    pending.delete(id)
    if (waiting) end(waiting)
  }
  port.on('message', (message: ToWorker) => {
    if (message.type === 'work') void run(message.work, message.terms)
    else if (message.type === 'abort') abort.abort(new TaskFailure('cancelled', 'The task was stopped'))
    else if (message.type === 'answer') settle(message.id, ({ resolve }) => resolve(message.value))
    else settle(message.id, ({ reject }) => reject(TaskFailure.from(message.failure)))
  })
}

async function done(work: Work, ctx: TaskContext): Promise<FromWorker> {
  if (work.type === 'run') return { type: 'succeeded', output: await runTask(work.task, ctx) }
  return { type: 'wasRead', output: { found: await readStaged(work.reading, ctx) } }
}

/** A bug in the engine: its text may quote data, so only its kind and place go to the portal. */
function toFailure(error: unknown): Failure {
  if (error instanceof TaskFailure) return error.toFailure()
  const where =
    error instanceof Error ? `${error.name} ${error.stack?.split('\n')[1]?.trim() ?? ''}` : typeof error
  return {
    code: 'internal',
    message: `The agent met an error of its own (${where})`.slice(0, 4000),
    side: 'node',
    retryable: true,
  }
}

/** Where an unexpected error and its causes were thrown: names and places only, because a message may quote data. */
function framesOf(error: unknown): string {
  const frames: string[] = []
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth += 1) {
    const places = at.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? []
    frames.push(
      `${at.name} ${places
        .slice(0, 4)
        .map((line) => line.trim())
        .join(' ')}`,
    )
  }
  return frames.join('; caused by ')
}
