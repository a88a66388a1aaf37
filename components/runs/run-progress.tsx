'use client'

import type { ReactNode } from 'react'
import { Panel } from '@/components/ui/panel'
import { ByteRate, Bytes } from '@/components/ui/numbers'
import { Progress } from '@/components/ui/progress'
import { Time } from '@/components/ui/time'
import { formatCount, formatDuration, formatQuantity, formatRowRate } from '@/lib/format'
import type { CopyProgressNow, RunActivity } from '@/lib/runs/read/activity-detail'
import type { RunDetail } from '@/lib/runs/read/run-detail'
import { RunStatusBadge } from './run-status'
import { SilentNodes } from './silent-nodes'
import { WhyWaiting } from './why-waiting'

/** How far each activity is: rows, bytes, rate and time left while it copies, and what it waits for otherwise. */
export function RunProgress({ run }: { run: RunDetail }) {
  return (
    <Panel title={run.activities.length === 1 ? 'Progress' : 'Activities'}>
      <ol className="flex flex-col gap-4">
        {run.activities.map((activity) => (
          <li key={activity.id} className="min-w-0">
            <div className="mb-1 flex flex-wrap items-center gap-x-3 gap-y-0.5 text-sm">
              <span className="font-medium">{activity.name}</span>
              <RunStatusBadge status={activity.status} />
              <span className="min-w-0 text-fg-muted wrap-anywhere">
                {activity.source.what} → {activity.sink.what}
              </span>
            </div>
            <Progress
              label={`Progress of ${activity.name}`}
              value={shownShare(activity)}
              tone={toneOf(activity)}
              detail={<Detail activity={activity} />}
            />
            <SilentNodes nodes={activity.silent} readAt={run.at} />
            {activity.waiting ? <WhyWaiting waiting={activity.waiting} /> : null}
          </li>
        ))}
      </ol>
    </Panel>
  )
}

function shownShare({ status, phase, progress }: RunActivity): number | null {
  if (status === 'Succeeded') return 1
  if (phase === 'waiting') return 0
  // The last row of the estimate is not the end: publishing is still to come.
  if (progress.share !== null) return Math.min(progress.share, 0.99)
  // Every part is done, and what is left has no counters of its own.
  if (phase === 'publishing') return 0.99
  // One task with no counters of its own: busy, but not at nought.
  return phase === 'preparing' || phase === 'cleaning' ? null : 0
}

function toneOf({ status }: RunActivity) {
  if (status === 'Succeeded') return 'ok'
  if (status === 'Failed') return 'bad'
  return status === 'Cancelled' ? 'neutral' : 'accent'
}

function Detail({ activity }: { activity: RunActivity }) {
  const pieces = [...counts(activity.progress), ...speed(activity), parts(activity), step(activity)].filter(
    Boolean,
  )
  return (
    <span className="flex flex-wrap gap-x-4 gap-y-0.5">
      {pieces.map((piece, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- the pieces have their fixed places
        <span key={index}>{piece}</span>
      ))}
    </span>
  )
}

function counts({ rows, totalRows, bytes }: CopyProgressNow): ReactNode[] {
  const of =
    totalRows !== null && totalRows !== rows && Number(totalRows) > 0
      ? ` of about ${formatCount(totalRows)}`
      : ''
  return [
    Number(rows) > 0 || of ? (of ? `${formatCount(rows)}${of} rows` : formatQuantity(rows, 'row')) : null,
    Number(bytes) > 0 ? <Bytes key="bytes" value={bytes} /> : null,
  ]
}

function speed({ progress }: RunActivity): ReactNode[] {
  const { rowsPerSecond, bytesPerSecond, timeLeftMs } = progress
  return [
    rowsPerSecond === null || Number(progress.rows) === 0 ? null : formatRowRate(rowsPerSecond),
    bytesPerSecond === null ? null : <ByteRate key="rate" perSecond={bytesPerSecond} />,
    timeLeftMs === null ? null : `${formatDuration(Math.max(1000, timeLeftMs))} left`,
  ]
}

function parts({ parts: { total, succeeded, running, queued }, silent }: RunActivity): string | null {
  if (total < 2) return null
  const unheard = silent.reduce((sum, node) => sum + node.parts, 0)
  const busy = running > unheard ? `, ${running - unheard} running` : ''
  const lost = unheard > 0 ? `, ${unheard} not heard` : ''
  const waiting = queued > 0 ? `, ${queued} queued` : ''
  return `${succeeded} of ${total} parts${busy}${lost}${waiting}`
}

const steps: Record<string, string> = {
  connecting: 'connecting to both ends',
  planning: 'reading the columns and dividing the work',
  copying: 'copying',
  verifying: 'reading the sink again to compare it',
  publishing: 'publishing',
  cleaning: 'removing what is left at the sink',
}

function step({ phase, status, progress, keptUntil }: RunActivity): ReactNode {
  if (keptUntil)
    return (
      <>
        Can go on from here until <Time value={keptUntil} show="date" />
      </>
    )
  if (progress.step) return steps[progress.step]
  if (phase === 'waiting' && status === 'Queued') return 'waits for the activities before it'
  if (phase === 'preparing') return 'waits for a node to look at both ends'
  if (phase === 'publishing') return 'waits for a node to publish'
  return phase === 'cleaning' ? 'waits for a node to clean up' : null
}
