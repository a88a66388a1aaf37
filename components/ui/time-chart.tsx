'use client'

import { clsx } from 'clsx'
import { useEffect, useRef, useState } from 'react'
import type uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { formatClock } from '@/lib/format'
import { plotData, plotOptions, type ChartLook, type ChartData } from './chart-plot'
import { breakAtHoles, describeValue, type ChartUnit } from './chart-scale'
import { hueClasses, hues, type Hue } from './series'

type TimeChartProps = ChartData & {
  /** What is shown: "Throughput". */
  label: string
  unit: ChartUnit
  /** Charts with the same key share their crosshair. */
  syncKey?: string
}

/**
 * Numbers over time, one hue per series. Where nothing was measured it is hatched and says "no data"; the crosshair's
 * values stand in the legend. The plot itself is fetched after the page, into a box of its final size.
 */
export function TimeChart({ label, unit, syncKey, ...measured }: TimeChartProps) {
  const data = breakAtHoles(measured)
  const [index, setIndex] = useState<number | null>(null)
  const box = usePlot({ data, unit, syncKey, onCursor: setIndex })
  const at = index ?? data.times.length - 1
  const time = data.times[at]
  const marker = time === undefined ? undefined : nearestMarker(data, time)
  return (
    <figure className="min-w-0" aria-label={label}>
      <div ref={box} className="h-45 w-full overflow-hidden" aria-hidden />
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
function nearestMarker({ markers = [], times, window }: ChartData, time: number) {
  const [from, to] = window ?? [times[0] ?? 0, times.at(-1) ?? 0]
  return markers.find(({ at }) => Math.abs(at - time) <= (to - from) / 50)
}

type PlotProps = {
  data: ChartData
  unit: ChartUnit
  syncKey: string | undefined
  onCursor: (index: number | null) => void
}

/** Keeps a plot in the box: made again when its series or the theme change, otherwise only given new points. */
function usePlot({ data, unit, syncKey, onCursor }: PlotProps) {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(null)
  const latest = useRef(data)
  const theme = useThemeGeneration()
  const shape = data.series.map(({ id, hue, total }) => `${id}/${hue}/${total ?? false}`).join()

  useEffect(() => {
    latest.current = data
    plot.current?.setData(plotData(data))
  }, [data])

  useEffect(() => {
    const element = box.current
    if (!element) return
    let left = false
    const resize = new ResizeObserver(() => {
      plot.current?.setSize({ width: element.clientWidth, height: element.clientHeight })
    })
    async function draw(into: HTMLElement) {
      const { default: Plot } = await import('uplot')
      if (left) return
      const size = { width: into.clientWidth, height: into.clientHeight }
      const look = resolveLook(into)
      const options = plotOptions({ data: () => latest.current, unit, look, size, syncKey, onCursor })
      plot.current = new Plot(options, plotData(latest.current), into)
      resize.observe(into)
    }
    void draw(element)
    return () => {
      left = true
      resize.disconnect()
      plot.current?.destroy()
      plot.current = null
    }
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- a new shape or theme needs a new plot
  }, [shape, theme, unit, syncKey, onCursor])
  return box
}

/** Counts up when the theme changes, by choice or by the system. */
function useThemeGeneration(): number {
  const [generation, setGeneration] = useState(0)
  useEffect(() => {
    const changed = () => setGeneration((count) => count + 1)
    const observer = new MutationObserver(changed)
    observer.observe(document.documentElement, { attributeFilter: ['class'] })
    const system = matchMedia('(prefers-color-scheme: dark)')
    system.addEventListener('change', changed)
    return () => {
      observer.disconnect()
      system.removeEventListener('change', changed)
    }
  }, [])
  return generation
}

function resolveLook(element: HTMLElement): ChartLook {
  const probe = document.createElement('span')
  element.append(probe)
  const resolve = (token: string) => {
    probe.style.color = `var(--${token})`
    return getComputedStyle(probe).color
  }
  const series = Object.fromEntries(hues.map((hue) => [hue, resolve(`series-${hue}`)])) as Record<Hue, string>
  const look = {
    font: getComputedStyle(element).fontFamily,
    line: resolve('neutral-6'),
    text: resolve('neutral-10'),
    hatch: resolve('neutral-6'),
    marker: resolve('info-border'),
    series,
  }
  probe.remove()
  return look
}
