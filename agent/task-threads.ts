import type { Worker } from 'node:worker_threads'
import type { TaskOutcome } from '../lib/protocol/task.ts'
import { TaskFailure } from './copy/failure.ts'
import type { StagedReading } from './copy/files/staged-reading.ts'
import { failureOf, type TaskInHand } from './running-task.ts'
import type { FromWorker, ReadElsewhere, ToWorker, Work } from './worker-messages.ts'
import type { WorkerPool } from './worker-pool.ts'
import { answerQuestion, type Keeper } from './worker-questions.ts'

export type Threads = {
  /** Runs the task in a worker thread; null where it was fenced. */
  carryOut(inHand: TaskInHand): Promise<TaskOutcome | null>
}
type Means = {
  pool: WorkerPool
  confirm: (inHand: TaskInHand) => Promise<boolean>
  /** Whether a slot is free for a second thread of a task. */
  hasRoom: () => boolean
}
type Ending = Extract<FromWorker, { type: 'succeeded' | 'wasRead' | 'failed' }>

/** A stopped task gets so long to let go of its stores; then its threads are ended. */
const stopGraceMs = 10_000

export function createThreads(ctx: Keeper, { pool, confirm, hasRoom }: Means): Threads {
  const inThread = async (inHand: TaskInHand, work: Work): Promise<Ending> => {
    const worker = pool.take()
    inHand.workers.add(worker)
    let graceful = false
    try {
      const ending = await finished(inHand, worker, work)
      graceful = ending.type !== 'failed'
      return ending
    } finally {
      inHand.workers.delete(worker)
      worker.removeAllListeners('message')
      worker.removeAllListeners('error')
      if (graceful) pool.giveBack(worker)
      else await pool.discard(worker)
    }
  }
  const readElsewhere = async (inHand: TaskInHand, reading: StagedReading): Promise<ReadElsewhere | null> => {
    if (inHand.stopSignal.aborted || !hasRoom()) return null
    const ending = await inThread(inHand, { type: 'read', reading })
    if (ending.type === 'failed') throw TaskFailure.from(ending.failure)
    return ending.type === 'wasRead' ? ending.output : null
  }
  const finished = (inHand: TaskInHand, worker: Worker, work: Work): Promise<Ending> => {
    const { promise, resolve, reject } = Promise.withResolvers<Ending>()
    const onExit = (code: number) => reject(new Error(`The worker thread ended with code ${code}`))
    const post = (message: ToWorker) => worker.postMessage(message)
    const means = { confirm, readElsewhere: (reading: StagedReading) => readElsewhere(inHand, reading) }
    worker.on('message', (message: FromWorker) => {
      if (message.type === 'progress') inHand.progress = message.progress
      else if (message.type === 'log') inHand.log(message.line)
      else if (message.type === 'question') void answerQuestion(ctx, { inHand, message, ...means }).then(post)
      else resolve(message)
    })
    worker.once('error', reject)
    worker.once('exit', onExit)
    const { allowedFolders, allowedHosts } = ctx.config
    post({ type: 'work', work, terms: { allowedFolders, allowedHosts, lease: inHand.lease } })
    watchStop(inHand, worker)
    // The thread goes on to other tasks, and must not carry the listeners of this one along.
    return promise.finally(() => worker.off('exit', onExit))
  }
  return {
    async carryOut(inHand) {
      try {
        const ending = await inThread(inHand, { type: 'run', task: inHand.task })
        if (ending.type === 'wasRead') throw new Error('a thread answered what it was not asked')
        return inHand.stopReason === 'fenced' ? null : inHand.outcomeOf(ending)
      } catch (error) {
        if (inHand.stopReason === 'fenced') return null
        return inHand.outcomeOf({ type: 'failed', failure: failureOf(error) })
      } finally {
        // What still reads for a task that failed reads for nobody.
        const left = [...inHand.workers]
        inHand.workers.clear()
        await Promise.all(left.map((worker) => pool.discard(worker)))
      }
    },
  }
}

/** Ends the thread of a task that does not let go, and at once where another node owns it. */
function watchStop(inHand: TaskInHand, worker: Worker): void {
  const end = () => {
    const graceMs = inHand.stopReason === 'fenced' ? 0 : stopGraceMs
    setTimeout(() => {
      if (inHand.workers.has(worker)) void worker.terminate()
    }, graceMs).unref()
  }
  if (inHand.stopSignal.aborted) end()
  else inHand.stopSignal.addEventListener('abort', end, { once: true })
}
