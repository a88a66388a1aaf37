import type { CopyProgress } from '../../lib/protocol/copy-plan.ts'
import type { StoreRef, StoreSecret } from '../../lib/protocol/stores.ts'
import type { LogLine } from '../../lib/protocol/task.ts'
import type { RowDigest } from '../digest/row-digest.ts'
import type { StagedReading } from './files/staged-reading.ts'
import type { SnapshotHold, SnapshotSource } from './snapshot-holder.ts'

/**
 * What a running task may ask of the node. Tasks run in a worker thread: apart from `signal` and `canCommit` every call is a
 * message to the agent's main thread.
 */
export interface TaskContext {
  /** Opens the sealed credential; null for stores without one. Throws `credential_unavailable`. */
  secretFor(store: StoreRef): Promise<StoreSecret | null>
  /** Folders that the node's own configuration opens for File system stores. */
  readonly allowedFolders: readonly string[]
  /** Hosts that it opens for all other stores; empty: any but those that no rule opens (agent/host-policy.ts). */
  readonly allowedHosts: readonly string[]
  progress(progress: CopyProgress): void
  /** Tells the portal that the sink is about to be changed for good; throws `fenced` where another owner exists. */
  committing(): Promise<void>
  /** False once the lease may have lapsed by the node's monotonic clock: nothing may be committed any more. */
  canCommit(): boolean
  /** Keeps an exported snapshot open in the agent's main thread beyond this task, until the portal releases it. */
  holdSnapshot(source: SnapshotSource): Promise<SnapshotHold>
  /** Reads a staged file again in another thread of this node; null where no slot is free for it. */
  readElsewhere(reading: StagedReading): Promise<{ found: RowDigest | null } | null>
  log(level: LogLine['level'], message: string): void
  /** Aborted on cancel, on `fenced` and when the node stops at once. */
  readonly signal: AbortSignal
}
