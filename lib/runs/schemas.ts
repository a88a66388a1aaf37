import { z } from 'zod'
import { Id } from '@/lib/protocol/scalars'

/** Data Factory's run statuses (adf-and-shir.md, row 114). */
export const runStatuses = ['Queued', 'InProgress', 'Succeeded', 'Failed', 'Canceling', 'Cancelled'] as const
export type RunStatus = (typeof runStatuses)[number]
export const endedRunStatuses = ['Succeeded', 'Failed', 'Cancelled'] as const satisfies readonly RunStatus[]
/**
 * Where a copy activity stands. `cleaning` follows a cancel, or a failure that leaves nothing to go on from;
 * `kept`: it has failed, and what its parts wrote waits at the sink for a resume.
 */
export const activityPhases = [
  'waiting',
  'preparing',
  'copying',
  'publishing',
  'cleaning',
  'kept',
  'ended',
] as const
export type ActivityPhase = (typeof activityPhases)[number]
export const taskStates = ['queued', 'leased', 'committing', 'succeeded', 'failed', 'cancelled'] as const
export type TaskState = (typeof taskStates)[number]

export const StartPipelineRunInput = z.object({ pipelineId: Id })
/** Runs a definition once without saving it as a pipeline: the wizard's "run now". */
export const CancelPipelineRunInput = z.object({ pipelineRunId: Id })
/** `resume` goes on with what failed from its last checkpoint; `restart` begins a new run. */
export const RetryPipelineRunInput = z.object({ pipelineRunId: Id, mode: z.enum(['resume', 'restart']) })
export const RunFilters = z.object({
  status: z.enum(runStatuses).optional(),
  pipeline: z.string().max(63).optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  before: z.string().max(100).optional(),
})
export type RunFilters = z.infer<typeof RunFilters>
