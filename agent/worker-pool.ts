import type { Worker } from 'node:worker_threads'

export type WorkerPool = {
  take(): Worker
  /** A worker whose task ended well waits for the next; any other is thrown away. */
  giveBack(worker: Worker): void
  discard(worker: Worker): Promise<void>
  close(): Promise<void>
}

/** Keeps one worker thread warm, so that a task does not wait for a thread's start; more only as tasks run at once. */
export function createWorkerPool(spawn: () => Worker): WorkerPool {
  const idle: Worker[] = []
  const all = new Set<Worker>()
  let closed = false

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
      if (closed || idle.length > 0) void discard(worker)
      else idle.push(worker)
    },
    discard,
    close: async () => {
      closed = true
      await Promise.all([...all].map((worker) => worker.terminate()))
    },
  }
}
