'use client'

import { type FailureGroup, groupFailures, tellNames } from '@/components/runs/failure-groups'
import { Callout } from '@/components/ui/callout'
import { formatQuantity } from '@/lib/format'
import type { RunActivity } from '@/lib/runs/read/activity-detail'
import type { RunDetail } from '@/lib/runs/read/run-detail'

/** What failed, at which side, and what to do about it; and what a copy that did not end well has left behind. */
export function RunFailures({ run }: { run: RunDetail }) {
  return (
    <>
      {groupFailures(run.activities).map(({ key, ...group }) => (
        <Failure key={key} {...group} />
      ))}
      {run.activities.map((activity) => (
        <Appended key={activity.id} activity={activity} />
      ))}
    </>
  )
}

function Failure({ title, names, message, remedy }: Omit<FailureGroup, 'key'>) {
  return (
    <Callout tone="bad" title={title} live>
      <p>{message}</p>
      <p className="mt-1">
        <span className="font-medium">What you can do: </span>
        {remedy}
      </p>
      {names.length > 0 ? <p className="mt-1 text-fg-muted">{tellNames(names)}</p> : null}
    </Callout>
  )
}

function Appended({ activity }: { activity: RunActivity }) {
  const { status, phase, appendsDirectly, progress, rowsLeft, sink } = activity
  const hasStopped = status === 'Failed' || status === 'Cancelled'
  const rows = rowsLeft ?? progress.rows
  if (!hasStopped || !appendsDirectly || Number(rows) === 0) return null
  return (
    <Callout tone="warn" title={`${formatQuantity(rows, 'row')} were appended before it stopped`}>
      They stay in {sink.what}.{' '}
      {phase === 'kept'
        ? 'Resuming adds only what is missing; restarting appends every row again.'
        : 'Remove them before you start a new run, which appends every row again.'}
    </Callout>
  )
}
