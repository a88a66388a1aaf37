import { endedRunStatuses, type RunStatus } from '@/lib/runs/schemas'

export function hasEnded(status: RunStatus): boolean {
  return (endedRunStatuses as readonly RunStatus[]).includes(status)
}

/** The status of a pipeline run follows from its activities: it ends with the last of them, and fails with any of them. */
export function pipelineStatus(activities: readonly RunStatus[]): RunStatus {
  if (activities.every(hasEnded)) {
    if (activities.includes('Failed')) return 'Failed'
    return activities.includes('Cancelled') ? 'Cancelled' : 'Succeeded'
  }
  if (activities.includes('Canceling')) return 'Canceling'
  return activities.every((status) => status === 'Queued') ? 'Queued' : 'InProgress'
}
