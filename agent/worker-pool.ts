import type { Worker } from 'node:worker_threads'

export type WorkerPool = {
  take(): Worker
  /** A worker whose task ended well waits for the next; any other is thrown away. */
  giveBack(worker: Worker): void
  discard(worker: Worker): Promise<void>
  close(): Promise<void>
}

/** Parts of a copy and the copies of a busy node follow each other closely; afterwards one warm thread is enough. */
const keepWarmMs = 20_000

/**
 * Keeps one worker thread warm, so that a task does not wait for a thread's start; those of tasks that ran at once stay for a
 * while, so that the parts of a copy find them.
 */
export function createWorkerPool(spawn: () => Worker): WorkerPool {
  const idle: Worker[] = []
  const all = new Set<Worker>()
  let closed = false
  let trim: NodeJS.Timeout | undefined

  const open = () => {
    const worker = spawn()
    worker.unref()
    all.add(worker)
    worker.once('exit', () => {
      all.delete(worker)
      const index = idle.indexOf(worker)
      if (index >= 0) idle.splice(index, 1)
    })
    return worker
  }
  const warm = () => {
    if (!closed && idle.length === 0) idle.push(open())
  }
  const discard = async (worker: Worker) => {
    all.delete(worker)
    await worker.terminate()
    warm()
  }
  warm()
  return {
    take: () => {
      const worker = idle.pop() ?? open()
      setImmediate(warm)
      return worker
    },
    giveBack: (worker) => {
      idle.push(worker)
      clearTimeout(trim)
      trim = setTimeout(() => {
        for (const spare of idle.splice(1)) void discard(spare)
      }, keepWarmMs).unref()
    },
    discard,
    close: async () => {
      closed = true
      clearTimeout(trim)
      await Promise.all([...all].map((worker) => worker.terminate()))
    },
  }
}
