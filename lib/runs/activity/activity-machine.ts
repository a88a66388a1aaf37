import type { FailureCode } from '@/lib/protocol/failure'
import type { ActivityPhase, TaskState } from '@/lib/runs/schemas'

/** One task of a copy, as far as the next step depends on it. `attempt` counts hand-overs: 0 means that no node ever had it. */
export type TaskView = { state: TaskState; attempt: number; cancelRequested: boolean }
export type SingleKind = 'prepareCopy' | 'publishCopy' | 'cleanUpCopy'

/** Everything the next step of a copy activity depends on, and nothing else. */
export type CopyState = {
  phase: ActivityPhase
  /** Waiting only: how far the activities are that it depends on. */
  dependencies: 'met' | 'pending' | 'failed'
  cancelRequested: boolean
  /** A failure is recorded: the activity will end as Failed. */
  failed: boolean
  /** What the parts have written is worth keeping for a resume. */
  worthKeeping: boolean
  /** The integration runtime is gone, and its tasks with it. */
  orphaned: boolean
  prepare: TaskView | null
  publish: TaskView | null
  cleanUp: TaskView | null
  /** Parts by state; `total` comes from the plan, `unasked` are the running ones that were not told to stop. */
  parts: {
    total: number
    created: number
    queued: number
    running: number
    unasked: number
    succeeded: number
    failed: number
    /** Hand-overs of all parts together. */
    attempts: number
  }
  /** At most so many parts at once. */
  limit: number
}

/** A copy of which nothing has happened yet. */
export function newCopy(dependencies: 'met' | 'pending'): CopyState {
  const nobody = { failed: false, worthKeeping: false, orphaned: false, cancelRequested: false }
  const parts = {
    total: 0,
    created: 0,
    queued: 0,
    running: 0,
    unasked: 0,
    succeeded: 0,
    failed: 0,
    attempts: 0,
  }
  return {
    phase: 'waiting',
    dependencies,
    ...nobody,
    prepare: null,
    publish: null,
    cleanUp: null,
    parts,
    limit: 1,
  }
}

export type Effect =
  | { do: 'enter'; phase: ActivityPhase }
  | { do: 'enqueue'; kind: SingleKind }
  | { do: 'enqueueParts'; count: number }
  /** Queued tasks end as cancelled at once: nobody works on them. */
  | { do: 'cancelQueued' }
  /** Nodes that hold a task are told to stop, and are waited for. */
  | { do: 'askToCancel' }
  | { do: 'storePlan' }
  | { do: 'storeReceipt' }
  | { do: 'recordFailure'; of: 'prepareCopy' | 'copyPart' | 'publishCopy' | 'runtime' }
  /** An activity that it depends on did not succeed. */
  | { do: 'noteSkipped' }
  /** The clean-up did not succeed: something stays at the sink. */
  | { do: 'noteLeftovers' }
  | { do: 'end'; as: 'Succeeded' | 'Failed' | 'Cancelled'; phase: 'ended' | 'kept' }

/** Failures after which finished parts cannot be trusted or would only fail again: their staging is removed at once. */
const notWorthKeeping: readonly FailureCode[] = [
  'verification_failed',
  'source_changed',
  'schema_mismatch',
  'type_unsupported',
  'already_exists',
  'key_violation',
]
export function isWorthKeeping(code: FailureCode): boolean {
  return !notWorthKeeping.includes(code)
}

/**
 * What to do next with a copy activity. Pure; called again until it answers nothing. It ends an activity only when no
 * task can write any more, and publishes only when every part has succeeded and nobody asked to cancel.
 */
export function step(copy: CopyState): Effect[] {
  if (copy.orphaned && copy.phase !== 'ended') return endOrphan(copy)
  switch (copy.phase) {
    case 'waiting':
      return stepWaiting(copy)
    case 'preparing':
      return stepPreparing(copy)
    case 'copying':
      return stepCopying(copy)
    case 'publishing':
      return stepPublishing(copy)
    case 'cleaning':
      return stepCleaning(copy)
    case 'kept':
      return copy.cancelRequested ? [{ do: 'enter', phase: 'cleaning' }] : []
    case 'ended':
      return []
  }
}

function endOrphan(copy: CopyState): Effect[] {
  const end: Effect = { do: 'end', as: 'Failed', phase: 'ended' }
  return copy.failed ? [end] : [{ do: 'recordFailure', of: 'runtime' }, end]
}

function stepWaiting(copy: CopyState): Effect[] {
  const end: Effect = { do: 'end', as: 'Cancelled', phase: 'ended' }
  if (copy.cancelRequested) return [end]
  if (copy.dependencies === 'failed') return [{ do: 'noteSkipped' }, end]
  if (copy.dependencies === 'pending') return []
  return [
    { do: 'enter', phase: 'preparing' },
    { do: 'enqueue', kind: 'prepareCopy' },
  ]
}

function stepPreparing(copy: CopyState): Effect[] {
  const { prepare } = copy
  if (!prepare) return [{ do: 'enqueue', kind: 'prepareCopy' }]
  if (isActive(prepare)) return copy.cancelRequested ? stopTask(prepare) : []
  if (copy.cancelRequested || prepare.state === 'cancelled') return leave(copy)
  if (prepare.state === 'failed')
    return copy.failed ? leave(copy) : [{ do: 'recordFailure', of: 'prepareCopy' }]
  return [{ do: 'storePlan' }, { do: 'enter', phase: 'copying' }]
}

function stepCopying(copy: CopyState): Effect[] {
  const { parts } = copy
  if (parts.failed > 0 && !copy.failed && !copy.cancelRequested)
    return [{ do: 'recordFailure', of: 'copyPart' }]
  if (copy.failed || copy.cancelRequested) return windDownParts(copy)
  if (parts.succeeded === parts.total)
    return [
      { do: 'enter', phase: 'publishing' },
      { do: 'enqueue', kind: 'publishCopy' },
    ]
  const active = parts.queued + parts.running
  const count = Math.min(copy.limit - active, parts.total - parts.created)
  if (count > 0) return [{ do: 'enqueueParts', count }]
  // A part that ended as cancelled although nobody asked for it leaves nothing to wait for.
  return active === 0 ? windDownParts(copy) : []
}

function windDownParts(copy: CopyState): Effect[] {
  const { parts } = copy
  const effects: Effect[] = []
  if (parts.queued > 0) effects.push({ do: 'cancelQueued' })
  if (parts.unasked > 0) effects.push({ do: 'askToCancel' })
  if (effects.length > 0 || parts.running > 0) return effects
  return leave(copy)
}

function stepPublishing(copy: CopyState): Effect[] {
  const { publish } = copy
  if (!publish) return [{ do: 'enqueue', kind: 'publishCopy' }]
  if (isActive(publish)) return copy.cancelRequested ? stopPublish(publish) : []
  if (publish.state === 'succeeded')
    return [{ do: 'storeReceipt' }, { do: 'end', as: 'Succeeded', phase: 'ended' }]
  if (publish.state === 'failed' && !copy.failed && !copy.cancelRequested)
    return [{ do: 'recordFailure', of: 'publishCopy' }]
  return leave(copy)
}

/** A publish that a node had and lost may have happened: only its next attempt can read at the sink which way it went. */
function stopPublish(publish: TaskView): Effect[] {
  if (publish.state === 'committing') return []
  if (publish.state === 'queued' && publish.attempt > 0) return []
  return stopTask(publish)
}

function stopTask(task: TaskView): Effect[] {
  if (task.state === 'queued') return [{ do: 'cancelQueued' }]
  return task.cancelRequested ? [] : [{ do: 'askToCancel' }]
}

/** No task can write any more: keep what a resume can use, or clean up, or end at once where nothing ever ran. */
function leave(copy: CopyState): Effect[] {
  const touched = (copy.prepare?.attempt ?? 0) > 0 || copy.parts.attempts > 0
  if (copy.failed && copy.worthKeeping) return [{ do: 'end', as: 'Failed', phase: 'kept' }]
  if (touched) return [{ do: 'enter', phase: 'cleaning' }]
  return [{ do: 'end', as: endedAs(copy), phase: 'ended' }]
}

function stepCleaning(copy: CopyState): Effect[] {
  const { cleanUp } = copy
  if (!cleanUp) return [{ do: 'enqueue', kind: 'cleanUpCopy' }]
  if (isActive(cleanUp)) return []
  const end: Effect = { do: 'end', as: endedAs(copy), phase: 'ended' }
  return cleanUp.state === 'succeeded' ? [end] : [{ do: 'noteLeftovers' }, end]
}

function endedAs(copy: CopyState): 'Failed' | 'Cancelled' {
  return copy.failed ? 'Failed' : 'Cancelled'
}

function isActive(task: TaskView): boolean {
  return task.state === 'queued' || task.state === 'leased' || task.state === 'committing'
}
