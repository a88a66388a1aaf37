'use client'

import { Callout } from '@/components/ui/callout'
import { formatQuantity } from '@/lib/format'
import type { RunActivity } from '@/lib/runs/activity-detail'
import type { RunDetail } from '@/lib/runs/run-detail'

/** What failed, at which side, and what to do about it; and what a copy that did not end well has left behind. */
export function RunFailures({ run }: { run: RunDetail }) {
  return run.activities.map((activity) => (
    <div key={activity.id} className="flex flex-col gap-4 empty:hidden">
      <Failure activity={activity} />
      <Appended activity={activity} />
    </div>
  ))
}

function Failure({ activity }: { activity: RunActivity }) {
  const { failure } = activity
  if (!failure) return null
  return (
    <Callout tone="bad" title={`${activity.name} failed${placeOf(activity)}`} live>
      <p>{failure.message}</p>
      <p className="mt-1">
        <span className="font-medium">What you can do: </span>
        {failure.remedy}
      </p>
    </Callout>
  )
}

function placeOf({ failure, source, sink }: RunActivity): string {
  if (failure?.side === 'source') return ` at its source, ${source.linkedService}`
  if (failure?.side === 'sink') return ` at its sink, ${sink.linkedService}`
  if (failure?.side === 'node') return ' on the node'
  // Not every failure knows where it arose, and then a guess would send somebody to the wrong place.
  return failure?.side === 'portal' ? ' in the portal' : ''
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
