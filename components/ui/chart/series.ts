/** Hues of charts, as the tokens number them. */
export const hues = [1, 2, 3, 4, 5, 6, 7, 8] as const
export type Hue = (typeof hues)[number]

/** One hue per node, the same on every page: give all nodes of the runtime, in any order; ids that sort by age keep theirs when nodes are added. */
export function nodeHues(nodeIds: readonly string[]): ReadonlyMap<string, Hue> {
  return new Map([...nodeIds].toSorted().map((id, index) => [id, hues[index % hues.length] ?? 1]))
}

/** Written out, because classes must stand in the source to exist. */
export const hueClasses: Record<Hue, { fill: string; bg: string; text: string; stroke: string }> = {
  1: { fill: 'fill-series-1', bg: 'bg-series-1', text: 'text-series-1', stroke: 'stroke-series-1' },
  2: { fill: 'fill-series-2', bg: 'bg-series-2', text: 'text-series-2', stroke: 'stroke-series-2' },
  3: { fill: 'fill-series-3', bg: 'bg-series-3', text: 'text-series-3', stroke: 'stroke-series-3' },
  4: { fill: 'fill-series-4', bg: 'bg-series-4', text: 'text-series-4', stroke: 'stroke-series-4' },
  5: { fill: 'fill-series-5', bg: 'bg-series-5', text: 'text-series-5', stroke: 'stroke-series-5' },
  6: { fill: 'fill-series-6', bg: 'bg-series-6', text: 'text-series-6', stroke: 'stroke-series-6' },
  7: { fill: 'fill-series-7', bg: 'bg-series-7', text: 'text-series-7', stroke: 'stroke-series-7' },
  8: { fill: 'fill-series-8', bg: 'bg-series-8', text: 'text-series-8', stroke: 'stroke-series-8' },
}
