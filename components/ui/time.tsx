'use client'

import { formatDateTime, formatDuration, formatLocal, formatRelative, formatUtc } from '@/lib/format'
import { Tooltip } from './tooltip'
import { useEachSecond } from './use-now'

type TimeProps = {
  /** ISO text, or a Date. */
  value: string | Date
  /** `relative` up to a day and then the date (ticks by itself), or always the date. */
  show?: 'relative' | 'date'
}

/** A moment; hovering gives it in UTC and in the reader's zone. */
export function Time({ value, show = 'relative' }: TimeProps) {
  const at = new Date(value)
  const describe = (zone?: string) =>
    (show === 'relative' ? formatRelative(at, new Date()) : null) ?? formatDateTime(at, zone)
  const live = useEachSecond(describe)
  return (
    <Tooltip content={live === null ? formatUtc(at) : moments(at)}>
      <time
        // A new element once the reader's clock counts: the server's text cannot be patched in place.
        key={live === null ? 'server' : 'reader'}
        dateTime={at.toISOString()}
        className="whitespace-nowrap tabular-nums"
        suppressHydrationWarning
      >
        {live ?? describe('UTC')}
      </time>
    </Tooltip>
  )
}

/** How long something has been going on, or went on: ticks until `end` is known. */
export function Elapsed({ start, end }: { start: string | Date; end?: string | Date | null }) {
  const from = new Date(start).getTime()
  const describe = () =>
    formatDuration((end ? new Date(end).getTime() : Math.floor(Date.now() / 1_000) * 1_000) - from)
  const live = useEachSecond(describe)
  return (
    <span
      key={live === null ? 'server' : 'reader'}
      className="whitespace-nowrap tabular-nums"
      suppressHydrationWarning
    >
      {live ?? describe()}
    </span>
  )
}

/** The moment in UTC and in the reader's zone. */
function moments(at: Date): string {
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone
  return zone === 'UTC' ? formatUtc(at) : `${formatUtc(at)}\n${formatLocal(at)} ${zone}`
}
