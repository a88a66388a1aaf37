import { StateBadge, type Standing } from '@/components/ui/badge'
import type { RunStatus, TaskState } from '@/lib/runs/schemas'

const statuses: Record<RunStatus, { standing: Standing; word: string }> = {
  Queued: { standing: 'waiting', word: 'Queued' },
  InProgress: { standing: 'busy', word: 'In progress' },
  Succeeded: { standing: 'ok', word: 'Succeeded' },
  Failed: { standing: 'bad', word: 'Failed' },
  Canceling: { standing: 'busy', word: 'Cancelling' },
  Cancelled: { standing: 'off', word: 'Cancelled' },
}

/** Every status with its word, for a filter. */
export const statusWords = Object.entries(statuses).map(([value, { word }]) => ({ value, label: word }))

export function RunStatusBadge({ status }: { status: RunStatus }) {
  const { standing, word } = statuses[status]
  return <StateBadge standing={standing}>{word}</StateBadge>
}

const partStates: Record<TaskState | 'planned', { standing: Standing; word: string }> = {
  planned: { standing: 'off', word: 'Planned' },
  queued: { standing: 'waiting', word: 'Queued' },
  leased: { standing: 'busy', word: 'Copying' },
  committing: { standing: 'busy', word: 'Committing' },
  succeeded: { standing: 'ok', word: 'Done' },
  failed: { standing: 'bad', word: 'Failed' },
  cancelled: { standing: 'off', word: 'Cancelled' },
}

const notHeard = { standing: 'warn', word: 'Not heard' } as const

/** `unheard`: the node that holds it is silent. */
export function PartStateBadge({ state, unheard }: { state: TaskState | 'planned'; unheard: boolean }) {
  const { standing, word } = unheard ? notHeard : partStates[state]
  return <StateBadge standing={standing}>{word}</StateBadge>
}
