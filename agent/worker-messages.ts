import type { CopyProgress } from '../lib/protocol/copy-plan.ts'
import type { Failure } from '../lib/protocol/failure.ts'
import type { StoreRef, StoreSecret } from '../lib/protocol/stores.ts'
import type { LogLine, TaskResult } from '../lib/protocol/task.ts'
import type { StagedReading } from './copy/files/staged-reading.ts'
import type { RunnableTask } from './copy/run-task.ts'
import type { SnapshotHold, SnapshotSource } from './copy/snapshot-holder.ts'
import type { RowDigest } from './digest/row-digest.ts'

/** What a task asks of the agent's main thread, and what comes back. */
export type WorkerQuestions = {
  secretFor: { ask: StoreRef; answer: StoreSecret | null }
  holdSnapshot: { ask: SnapshotSource; answer: SnapshotHold }
  committing: { ask: null; answer: null }
  readElsewhere: { ask: StagedReading; answer: ReadElsewhere | null }
}
export type QuestionName = keyof WorkerQuestions

/** What a staged file was found to hold; null where it is no longer staged. */
export type ReadElsewhere = { found: RowDigest | null }

/** What a thread is told to do: a task, or a piece of one. */
export type Work = { type: 'run'; task: RunnableTask } | { type: 'read'; reading: StagedReading }
/** `lease` holds one number: the monotonic nanosecond at which the lease may have lapsed. */
export type WorkTerms = {
  allowedFolders: readonly string[]
  allowedHosts: readonly string[]
  lease: SharedArrayBuffer
}

/** Main thread → worker. */
export type ToWorker =
  | { type: 'work'; work: Work; terms: WorkTerms }
  | { type: 'abort' }
  | { type: 'answer'; id: number; value: unknown }
  | { type: 'refusal'; id: number; failure: Failure }

/** Worker → main thread. */
export type FromWorker =
  | { type: 'question'; id: number; name: QuestionName; ask: unknown }
  | { type: 'progress'; progress: CopyProgress }
  | { type: 'log'; line: LogLine }
  | { type: 'succeeded'; output: TaskResult }
  | { type: 'wasRead'; output: ReadElsewhere }
  | { type: 'failed'; failure: Failure }
