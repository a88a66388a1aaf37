import type uPlot from 'uplot'
import { formatClock } from '@/lib/format'
import { describeValue, emptyStretches, ticksFor, type ChartUnit } from './chart-scale'
import type { Hue } from './series'

export type ChartSeries = {
  id: string
  label: string
  hue: Hue
  points: readonly (number | null)[]
  /** The sum of others: drawn as an area. */
  total?: boolean
}
export type ChartMarker = { at: number; label: string }
export type ChartData = {
  /** Milliseconds since the epoch, ascending; each series has a point for each. */
  times: readonly number[]
  series: readonly ChartSeries[]
  /** What is shown, also where nothing was measured; by default from the first to the last time. */
  window?: readonly [from: number, to: number] | undefined
  /** Thin lines at events. */
  markers?: readonly ChartMarker[] | undefined
}

/** Colours and font of a chart, resolved for the theme in force, because a canvas knows no variables. */
export type ChartLook = {
  font: string
  line: string
  text: string
  hatch: string
  marker: string
  series: Record<Hue, string>
}

type PlotSpec = {
  data: () => ChartData
  unit: ChartUnit
  look: ChartLook
  size: { width: number; height: number }
  /** Charts with the same key share their crosshair. */
  syncKey?: string | undefined
  onCursor: (index: number | null) => void
}

/** Times on the axis stand on the second at the closest, because that is how they are written. */
const timeSteps = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
].map((seconds) => seconds * 1000)

/** Options of uPlot for a chart of ours: few ticks, one crosshair, holes that are visibly holes. */
export function plotOptions(spec: PlotSpec): uPlot.Options {
  const { data, unit, look, size, syncKey, onCursor } = spec
  const axis = { stroke: look.text, font: `12px ${look.font}`, ticks: { show: false } }
  return {
    ...size,
    ms: 1,
    // Half of the last time stands right of the plot.
    padding: [10, 30, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: false, y: false },
      points: { size: 7 },
      ...(syncKey ? { sync: { key: syncKey } } : {}),
    },
    scales: {
      x: { time: true, range: (_plot, min, max) => [...(data().window ?? [min, max])] },
      y: { range: (_plot, _min, max) => [0, ticksFor(unit, max).at(-1) ?? 1] },
    },
    axes: [
      {
        ...axis,
        space: 90,
        // Clear of the vertical axis's lowest label, which stands half below the plot.
        gap: 10,
        size: 33,
        incrs: timeSteps,
        grid: { show: false },
        values: (_plot, splits) => splits.map((split) => formatClock(new Date(split))),
      },
      {
        ...axis,
        // Room for "1,500,000 rows/s".
        size: 104,
        grid: { stroke: look.line, width: 1 },
        splits: (plot) =>
          ticksFor(unit, plot.scales['y']?.max ?? 1).filter((tick) => tick <= (plot.scales['y']?.max ?? 1)),
        values: (_plot, splits) => splits.map((split) => describeValue(unit, split)),
      },
    ],
    series: [
      {},
      ...data().series.map(({ hue, total }) => ({
        stroke: look.series[hue],
        width: 1.5,
        points: { show: false },
        ...(total ? { fill: withAlpha(look.series[hue]) } : {}),
      })),
    ],
    hooks: {
      drawClear: [(plot) => drawHoles(plot, data(), look)],
      draw: [(plot) => drawMarkers(plot, data().markers ?? [], look)],
      setCursor: [(plot) => onCursor(plot.cursor.idx ?? null)],
    },
  }
}

/** Times and points as uPlot takes them. */
export function plotData({ times, series }: ChartData): uPlot.AlignedData {
  return [[...times], ...series.map(({ points }) => [...points])]
}

function withAlpha(color: string): string {
  return `color-mix(in oklab, ${color} 16%, transparent)`
}

/** Hatches where nothing was measured, so that it is not taken for zero. */
function drawHoles(plot: uPlot, data: ChartData, look: ChartLook) {
  const { ctx, bbox } = plot
  const pixels = devicePixelRatio
  const points = data.series.map((series) => series.points)
  const first = data.times[0] ?? 0
  const window = data.window ?? ([first, data.times.at(-1) ?? first] as const)
  for (const [from, to] of emptyStretches(data.times, points, window)) {
    const left = Math.max(bbox.left, plot.valToPos(from, 'x', true))
    const right = Math.min(bbox.left + bbox.width, plot.valToPos(to, 'x', true))
    ctx.save()
    ctx.beginPath()
    ctx.rect(left, bbox.top, right - left, bbox.height)
    ctx.clip()
    hatch(ctx, { left, right, top: bbox.top, height: bbox.height }, look.hatch)
    ctx.restore()
    if (right - left < 70 * pixels) continue
    ctx.fillStyle = look.text
    ctx.font = `${12 * pixels}px ${look.font}`
    ctx.textAlign = 'center'
    ctx.fillText('no data', (left + right) / 2, bbox.top + bbox.height / 2)
  }
}

type Box = { left: number; right: number; top: number; height: number }

function hatch(ctx: CanvasRenderingContext2D, { left, right, top, height }: Box, color: string) {
  const gap = 7 * devicePixelRatio
  ctx.strokeStyle = color
  ctx.lineWidth = devicePixelRatio
  ctx.beginPath()
  for (let x = left - height; x < right; x += gap) {
    ctx.moveTo(x, top + height)
    ctx.lineTo(x + height, top)
  }
  ctx.stroke()
}

function drawMarkers(plot: uPlot, markers: readonly ChartMarker[], look: ChartLook) {
  const { ctx, bbox } = plot
  ctx.save()
  ctx.strokeStyle = look.marker
  ctx.lineWidth = devicePixelRatio
  ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio])
  for (const { at } of markers) {
    const x = Math.round(plot.valToPos(at, 'x', true)) + 0.5
    ctx.beginPath()
    ctx.moveTo(x, bbox.top)
    ctx.lineTo(x, bbox.top + bbox.height)
    ctx.stroke()
  }
  ctx.restore()
}
