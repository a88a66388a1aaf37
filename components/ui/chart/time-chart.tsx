'use client'

import { clsx } from 'clsx'
import { formatClock } from '@/lib/format'
import { type ChartData, nearestIndex, windowOf } from './chart-data'
import { breakAtHoles, type ChartUnit, describeValue } from './chart-scale'
import { hueClasses } from './series'
import { TimePlot } from './time-plot'

type TimeChartProps = ChartData & {
  /** What is shown: "Throughput". */
  label: string
  unit: ChartUnit
  /** The time under the pointer, in this chart or in one beside it: all of a page share one crosshair. */
  pointed: number | null
  onPoint: (time: number | null) => void
}

/**
 * Numbers over time, one hue per series. Where nothing was measured it is hatched and says "no data"; the crosshair's
 * values stand in the legend. It is drawn with the page, as SVG: no script is fetched for it.
 */
export function TimeChart({ label, unit, pointed, onPoint, ...measured }: TimeChartProps) {
  const data = breakAtHoles(measured)
  const at = pointed === null ? data.times.length - 1 : nearestIndex(data.times, pointed)
  const time = data.times[at]
  const marker = time === undefined ? undefined : nearestMarker(data, time)
  return (
    <figure className="min-w-0" aria-label={label}>
      <TimePlot data={data} unit={unit} at={pointed === null ? null : at} onPoint={onPoint} />
      <figcaption className="mt-2 flex flex-wrap gap-x-4 gap-y-1 text-sm">
        <span className="min-w-16 text-fg-muted tabular-nums" suppressHydrationWarning>
          {time === undefined ? 'No data yet' : formatClock(new Date(time))}
        </span>
        {data.series.map((series) => (
          <span key={series.id} className="inline-flex items-center gap-1.5">
            <span aria-hidden className={clsx('size-2.5 rounded-[2px]', hueClasses[series.hue].bg)} />
            {series.label}
            <span className="min-w-20 text-fg-muted tabular-nums">{words(unit, series.points[at])}</span>
          </span>
        ))}
        {marker ? <span className="text-info-text">{marker.label}</span> : null}
      </figcaption>
    </figure>
  )
}

function words(unit: ChartUnit, value: number | null | undefined): string {
  return value === null || value === undefined ? 'no data' : describeValue(unit, value)
}

/** The event at the crosshair: within a fiftieth of what is shown. */
function nearestMarker(data: ChartData, time: number) {
  const [from, to] = windowOf(data)
  return data.markers?.find(({ at }) => Math.abs(at - time) <= (to - from) / 50)
}
