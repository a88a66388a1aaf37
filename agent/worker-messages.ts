import type { CopyProgress } from '../lib/protocol/copy-plan.ts'
import type { Failure } from '../lib/protocol/failure.ts'
import type { StoreRef, StoreSecret } from '../lib/protocol/stores.ts'
import type { LogLine, TaskResult } from '../lib/protocol/task.ts'
import type { RunnableTask } from './copy/run-task.ts'
import type { SnapshotHold, SnapshotSource } from './copy/snapshot-holder.ts'

/** What a task asks of the agent's main thread, and what comes back. */
export type WorkerQuestions = {
  secretFor: { ask: StoreRef; answer: StoreSecret | null }
  holdSnapshot: { ask: SnapshotSource; answer: SnapshotHold }
  committing: { ask: null; answer: null }
}
export type QuestionName = keyof WorkerQuestions

/** Main thread → worker. `lease` holds one number: the monotonic nanosecond at which the lease may have lapsed. */
export type ToWorker =
  | {
      type: 'run'
      task: RunnableTask
      allowedFolders: readonly string[]
      allowedHosts: readonly string[]
      lease: SharedArrayBuffer
    }
  | { type: 'abort' }
  | { type: 'answer'; id: number; value: unknown }
  | { type: 'refusal'; id: number; failure: Failure }

/** Worker → main thread. */
export type FromWorker =
  | { type: 'question'; id: number; name: QuestionName; ask: unknown }
  | { type: 'progress'; progress: CopyProgress }
  | { type: 'log'; line: LogLine }
  | { type: 'succeeded'; output: TaskResult }
  | { type: 'failed'; failure: Failure }
