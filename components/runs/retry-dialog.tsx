'use client'

import { useId, useState, type ReactNode } from 'react'
import { ConfirmDialog } from '@/components/form/confirm-dialog'
import { Radio, RadioGroup } from '@/components/ui/choice'
import { formatQuantity } from '@/lib/format'
import { retryPipelineRunAction } from '@/lib/runs/actions'
import type { RunActivity } from '@/lib/runs/read/activity-detail'
import type { RunDetail } from '@/lib/runs/read/run-detail'

type RetryDialogProps = {
  run: RunDetail
  open: boolean
  onOpenChange: (open: boolean) => void
  onDone: (pipelineRunId: string) => void
}

/** Resume or restart, each with what it means for this run. */
export function RetryDialog({ run, open, onOpenChange, onDone }: RetryDialogProps) {
  const canRetry = run.status !== 'Succeeded'
  const [mode, setMode] = useState<'resume' | 'restart'>('resume')
  const refusal = canRetry ? resumeRefusal(run) : null
  const { restart } = run.hindrances
  // The page is live: what was chosen may have become impossible since.
  const chosen =
    canRetry && refusal === null && (mode === 'resume' || restart !== null) ? 'resume' : 'restart'
  const [refusalId, restartId] = [useId(), useId()]
  const reasons = [refusal === null ? '' : refusalId, restart === null ? '' : restartId].filter(Boolean)
  const newRun =
    restart === null ? restartMeans(run) : <span id={restartId}>Not possible now: {restart}.</span>
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      tone="primary"
      title={
        <>
          {canRetry ? 'Retry this run of ' : 'Run again: '}
          <em>{run.pipelineName}</em>
        </>
      }
      disabledReason={chosen === 'restart' && restart !== null ? 'Something that it needs is missing' : null}
      confirmLabel={chosen === 'resume' ? 'Resume run' : 'Start new run'}
      action={() => retryPipelineRunAction({ pipelineRunId: run.id, mode: chosen })}
      onDone={({ pipelineRunId }) => onDone(pipelineRunId)}
    >
      {canRetry ? (
        // A radio that cannot be chosen is passed over by the keyboard: the group says why as well.
        <RadioGroup legend="How shall it go on?" describedBy={reasons.join(' ') || undefined}>
          <Radio
            name="mode"
            label="Resume this run"
            hint={refusal === null ? resumeMeans(run) : <span id={refusalId}>{refusal}</span>}
            disabled={refusal !== null}
            checked={chosen === 'resume'}
            onChange={() => setMode('resume')}
          />
          <Radio
            name="mode"
            label="Start a new run"
            hint={newRun}
            disabled={restart !== null}
            checked={chosen === 'restart'}
            onChange={() => setMode('restart')}
          />
        </RadioGroup>
      ) : (
        newRun
      )}
    </ConfirmDialog>
  )
}

/** Why the server would refuse to resume it; null where it would not. */
function resumeRefusal({ activities, hindrances }: RunDetail): string | null {
  const refused = activities.find((activity) => activity.resumeRefusal !== null)
  if (!refused) return hindrances.resume && `Not possible: ${hindrances.resume}.`
  const { name, sink } = refused
  return refused.resumeRefusal === 'cleaning'
    ? `Not possible now: what ${name} had copied is being removed. Wait until that is done.`
    : `Not possible: ${name} would begin at the first row, and rows that it appended to ${sink.what} may be there already.`
}

function resumeMeans(run: RunDetail): ReactNode {
  const unfinished = run.activities.filter(({ status }) => status !== 'Succeeded')
  const done = run.activities.length - unfinished.length
  const kept = unfinished.filter(({ phase }) => phase === 'kept')
  return (
    <>
      {done > 0
        ? `${formatQuantity(done, 'activity', 'activities')} that succeeded ${done === 1 ? 'stays' : 'stay'}. `
        : ''}
      {kept.length > 0 ? `${kept.map(keptParts).join(' ')} ` : ''}
      {kept.length > 0
        ? 'The rest is read as the source is now: if its rows changed meanwhile, start a new run for one consistent picture.'
        : 'Nothing of the rest is left at the sink, so it begins from the first row.'}
    </>
  )
}

function keptParts({ name, parts }: RunActivity): string {
  return `${name}: ${parts.succeeded} of ${formatQuantity(parts.total, 'part')} are finished and stay.`
}

function restartMeans(run: RunDetail): ReactNode {
  const appended = run.activities.some(
    ({ appendsDirectly, progress, status }) =>
      appendsDirectly && (status === 'Succeeded' || Number(progress.rows) > 0),
  )
  return (
    <>
      {run.pipelineId
        ? 'Runs the pipeline as it is defined now'
        : 'The pipeline was deleted: runs the definition that this run had'}
      , from the first row.
      {appended ? ' Rows that were appended already stay, so they will be there twice.' : ''}
    </>
  )
}
