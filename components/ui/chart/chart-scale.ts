import { formatByteRate, formatBytes, formatCount, formatPercent, formatRowRate } from '@/lib/format'

/** What a chart's numbers are, which decides their ticks and words. */
export const chartUnits = ['bytesPerSecond', 'bytes', 'rowsPerSecond', 'count', 'share'] as const
export type ChartUnit = (typeof chartUnits)[number]

const words: Record<ChartUnit, (value: number) => string> = {
  bytesPerSecond: formatByteRate,
  bytes: formatBytes,
  rowsPerSecond: formatRowRate,
  count: formatCount,
  share: formatPercent,
}

/** A value in the unit's words. */
export function describeValue(unit: ChartUnit, value: number): string {
  return words[unit](value)
}

/** Three or four round steps from zero to above the largest value; binary ones for bytes, the whole for shares. */
export function ticksFor(unit: ChartUnit, largest: number): number[] {
  if (unit === 'share') return [0, 0.5, 1]
  const step = roundStep(
    Math.max(largest, 1) / 3,
    unit === 'bytes' || unit === 'bytesPerSecond' ? 1_024 : 1_000,
  )
  const count = Math.max(2, Math.ceil(Math.max(largest, 1) / step))
  return Array.from({ length: count + 1 }, (_, index) => index * step)
}

/** 1, 2, 5, 10, … times a power of the unit's base, at least `raw`. */
function roundStep(raw: number, base: 1_000 | 1_024): number {
  let unit = 1
  while (raw / unit >= base) unit *= base
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, base].find((each) => each >= raw / unit)
  return (step ?? base) * unit
}

/** Times on the axis stand on the second at the closest, because that is how they are written. */
const timeSteps = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
].map((seconds) => seconds * 1000)
/** A chart of half a page has room for their ends. */
const mostSteps = 5

/** Round moments between two times, in milliseconds, at most six. */
export function timeTicks(from: number, to: number): number[] {
  const days = Math.ceil((to - from) / (mostSteps * 86_400_000)) * 86_400_000
  const step = timeSteps.find((each) => (to - from) / each <= mostSteps) ?? days
  const first = Math.ceil(from / step) * step
  const count = Math.floor((to - first) / step) + 1
  return Array.from({ length: Math.max(0, count) }, (_, index) => first + index * step)
}

/** Paths of a line and of the area below it in a square of a thousand; both are broken where a point is missing. */
export function linePaths(
  times: readonly number[],
  points: readonly (number | null)[],
  { from, to, top }: { from: number; to: number; top: number },
): { line: string; area: string } {
  const runs: string[][] = [[]]
  for (const [index, time] of times.entries()) {
    const value = points[index] ?? null
    const x = ((time - from) / Math.max(1, to - from)) * 1000
    if (value === null) runs.push([])
    else runs.at(-1)?.push(`${x.toFixed(1)},${((1 - value / top) * 1000).toFixed(1)}`)
  }
  const drawn = runs.filter((run) => run.length > 0)
  return {
    line: drawn.map((run) => `M${run.join('L')}`).join(''),
    area: drawn.map((run) => `M${footOf(run[0])}L${run.join('L')}L${footOf(run.at(-1))}Z`).join(''),
  }
}

function footOf(place = ''): string {
  return `${place.split(',')[0]},1000`
}

/** Stretches of time in which no series has a value, from one measured moment to the next. */
export function emptyStretches(
  times: readonly number[],
  series: readonly (readonly (number | null)[])[],
  window: readonly [from: number, to: number],
): [from: number, to: number][] {
  const known = times.filter((_, index) => series.some((points) => (points[index] ?? null) !== null))
  const usual = median(known.slice(1).map((time, index) => time - (known[index] ?? time)))
  const edges = [window[0], ...known, window[1]]
  return edges
    .slice(1)
    .map((to, index): [number, number] => [edges[index] ?? to, to])
    .filter(([from, to]) => to - from > Math.max(usual, 1) * 2.5)
}

type Points = { times: readonly number[]; series: readonly { points: readonly (number | null)[] }[] }

/** The same numbers with an empty moment in each hole, so that no line is drawn across it. */
export function breakAtHoles<Data extends Points>(data: Data): Data {
  const { times, series } = data
  const window = [times[0] ?? 0, times.at(-1) ?? 0] as const
  const points = series.map((one) => one.points)
  const holes = emptyStretches(times, points, window).map(([from, to]) => ({
    at: (from + to) / 2,
    index: -1,
  }))
  if (holes.length === 0) return data
  const moments = [...times.map((at, index) => ({ at, index })), ...holes].toSorted((a, b) => a.at - b.at)
  return {
    ...data,
    times: moments.map(({ at }) => at),
    series: series.map((one) => ({ ...one, points: moments.map(({ index }) => one.points[index] ?? null) })),
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
