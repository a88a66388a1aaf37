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

/** From the first to the last moment that is shown. */
export function windowOf({ times, window }: Pick<ChartData, 'times' | 'window'>): readonly [number, number] {
  return window ?? [times[0] ?? 0, times.at(-1) ?? 0]
}

/** The measured moment nearest to a time; -1 where there is none. */
export function nearestIndex(times: readonly number[], time: number): number {
  return times.reduce(
    (best, each, index) =>
      best < 0 || Math.abs(each - time) < Math.abs((times[best] ?? 0) - time) ? index : best,
    -1,
  )
}
