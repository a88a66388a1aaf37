'use client'

import { clsx } from 'clsx'
import { type PointerEvent, useId } from 'react'
import { formatClock } from '@/lib/format'
import { type ChartData, type ChartSeries, windowOf } from './chart-data'
import { type ChartUnit, describeValue, emptyStretches, linePaths, ticksFor, timeTicks } from './chart-scale'
import { hueClasses } from './series'
import { useHydrated } from '../use-hydrated'

type TimePlotProps = {
  data: ChartData
  unit: ChartUnit
  /** The moment at the crosshair. */
  at: number | null
  onPoint: (time: number | null) => void
}

/** The plot with its axes. Places are percentages, so that it fits any width without being measured. */
export function TimePlot({ data, unit, at, onPoint }: TimePlotProps) {
  const [from, to] = windowOf(data)
  const largest = Math.max(0, ...data.series.flatMap(({ points }) => points.map((point) => point ?? 0)))
  const ticks = ticksFor(unit, largest)
  const top = ticks.at(-1) ?? 1
  const scale: Scale = {
    x: (time) => percent((time - from) / Math.max(1, to - from)),
    y: (value) => percent(1 - value / top),
  }
  const point = ({ clientX, currentTarget }: PointerEvent<SVGSVGElement>) => {
    const { left, width } = currentTarget.getBoundingClientRect()
    onPoint(from + ((clientX - left) / width) * (to - from))
  }
  return (
    // Half of the last time stands right of the plot; left is room for "2,000,000 rows/s".
    <div aria-hidden className="grid h-45 grid-cols-[112px_1fr] grid-rows-[1fr_33px] pt-2.5 pr-7.5 text-xs">
      <svg className="size-full overflow-visible">
        {ticks.map((tick) => (
          <text
            key={tick}
            x="100%"
            y={scale.y(tick)}
            dx={-8}
            dy="0.35em"
            textAnchor="end"
            className="fill-fg-muted tabular-nums"
          >
            {describeValue(unit, tick)}
          </text>
        ))}
      </svg>
      <svg
        className="size-full touch-pan-y overflow-visible"
        onPointerMove={point}
        onPointerLeave={() => onPoint(null)}
      >
        <rect width="100%" height="100%" fillOpacity={0} />
        <Holes data={data} scale={scale} />
        {ticks.map((tick) => (
          <line key={tick} x2="100%" y1={scale.y(tick)} y2={scale.y(tick)} className="stroke-neutral-6" />
        ))}
        {data.series.map((series) => (
          <Line key={series.id} series={series} times={data.times} box={{ from, to, top }} />
        ))}
        {data.markers?.map(({ at: time }) => (
          <line
            key={time}
            x1={scale.x(time)}
            x2={scale.x(time)}
            y2="100%"
            strokeDasharray="3 3"
            className="stroke-info-border"
          />
        ))}
        {at === null ? null : <Crosshair data={data} at={at} scale={scale} />}
      </svg>
      <Times from={from} to={to} scale={scale} />
    </div>
  )
}

type Scale = { x: (time: number) => string; y: (value: number) => string }

function percent(share: number): string {
  return `${(share * 100).toFixed(3)}%`
}

type LineProps = {
  series: ChartSeries
  times: readonly number[]
  box: { from: number; to: number; top: number }
}

/** A stretched drawing of its own, because a path knows no percentages; its stroke is not stretched along. */
function Line({ series: { points, hue, total }, times, box }: LineProps) {
  const { line, area } = linePaths(times, points, box)
  return (
    <svg width="100%" height="100%" viewBox="0 0 1000 1000" preserveAspectRatio="none">
      {total ? <path d={area} fillOpacity={0.16} className={hueClasses[hue].fill} /> : null}
      <path
        d={line}
        fill="none"
        strokeWidth={1.5}
        strokeLinejoin="round"
        vectorEffect="non-scaling-stroke"
        className={hueClasses[hue].stroke}
      />
    </svg>
  )
}

/** Where nothing was measured, so that it is not taken for zero. */
function Holes({ data, scale }: { data: ChartData; scale: Scale }) {
  const id = useId()
  const [from, to] = windowOf(data)
  const holes = emptyStretches(
    data.times,
    data.series.map(({ points }) => points),
    [from, to],
  )
  if (holes.length === 0) return null
  return (
    <>
      <pattern id={id} width={7} height={7} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <line y2={7} className="stroke-neutral-6" />
      </pattern>
      {holes.map(([start, end]) => (
        <g key={start}>
          <rect
            x={scale.x(start)}
            width={percent((end - start) / (to - from))}
            height="100%"
            fill={`url(#${id})`}
          />
          {(end - start) / (to - from) > 0.2 ? (
            <text x={scale.x((start + end) / 2)} y="50%" textAnchor="middle" className="fill-fg-muted">
              no data
            </text>
          ) : null}
        </g>
      ))}
    </>
  )
}

function Crosshair({ data, at, scale }: { data: ChartData; at: number; scale: Scale }) {
  const x = scale.x(data.times[at] ?? 0)
  return (
    <>
      <line x1={x} x2={x} y2="100%" className="stroke-neutral-8" />
      {data.series.map(({ id, hue, points }) => {
        const value = points[at] ?? null
        return value === null ? null : (
          <circle key={id} cx={x} cy={scale.y(value)} r={3.5} className={hueClasses[hue].fill} />
        )
      })}
    </>
  )
}

/** Local times, which the server does not know. */
function Times({ from, to, scale }: { from: number; to: number; scale: Scale }) {
  const hydrated = useHydrated()
  return (
    <svg className="col-start-2 size-full overflow-visible">
      {(hydrated ? timeTicks(from, to) : []).map((time, index) => (
        <text
          key={time}
          x={scale.x(time)}
          y={22}
          textAnchor="middle"
          // A phone has room for every other time.
          className={clsx('fill-fg-muted tabular-nums', index % 2 === 1 && 'max-md:hidden')}
        >
          {formatClock(new Date(time))}
        </text>
      ))}
    </svg>
  )
}
