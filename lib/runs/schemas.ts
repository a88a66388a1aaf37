import { z } from 'zod'
import { Id, Instant } from '@/lib/protocol/scalars'

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
export const CancelPipelineRunInput = z.object({ pipelineRunId: Id })
/** `resume` goes on with what failed from its last checkpoint; `restart` begins a new run. */
export const RetryPipelineRunInput = z.object({ pipelineRunId: Id, mode: z.enum(['resume', 'restart']) })
/** Time ranges that move with the clock, in hours. */
export const runRanges = { '1h': 1, '24h': 24, '7d': 168, '30d': 720 } as const
export type RunRange = keyof typeof runRanges
const rangeNames = ['1h', '24h', '7d', '30d'] as const satisfies readonly RunRange[]

/** Filters of a list of runs, as its address says them; what does not fit is left out. */
export const RunFilters = z.object({
  status: z.enum(runStatuses).optional().catch(undefined),
  /** Part of the pipeline's name. */
  pipeline: z.string().trim().max(63).optional().catch(undefined),
  pipelineId: Id.optional().catch(undefined),
  range: z.enum(rangeNames).optional().catch(undefined),
  from: Instant.optional().catch(undefined),
  to: Instant.optional().catch(undefined),
  /** The key of the last row of the page before. */
  before: z.string().max(100).optional().catch(undefined),
})
export type RunFilters = z.infer<typeof RunFilters>

/** From chatty to grave. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof logLevels)[number]
/** What of a run a page shows: which activity's parts, from which part on, and how much of the log. */
export const RunView = z.object({
  activity: z.string().max(55).optional().catch(undefined),
  parts: z.coerce.number().int().min(0).max(10_000).catch(0).default(0),
  level: z.enum(logLevels).catch('info').default('info'),
})
export type RunView = z.infer<typeof RunView>
