/** Rows and bytes of a copy at one moment. Numbers: a rate needs no more digits than 2^53 has. */
export type Sample = { atMs: number; rows: number; bytes: number }
export type Rates = { rowsPerSecond: number; bytesPerSecond: number }

/** Long enough to smooth the steps in which parts report, short enough to follow a change. */
const windowMs = 10_000
/** The next sample may be this late: heartbeats come every 1.5 s. */
const usualSilenceMs = 2_500

/** The rate over the last seconds before `nowMs`; null until two samples are there to compare. */
export function slidingRate(samples: readonly Sample[], nowMs: number): Rates | null {
  const last = samples.at(-1)
  if (samples.length < 2 || !last) return null
  if (last.atMs < nowMs - windowMs) return { rowsPerSecond: 0, bytesPerSecond: 0 }
  const recent = samples.filter(({ atMs }) => atMs >= nowMs - windowMs)
  // One sample before the window, so that a slow copy has something to compare with.
  const first = samples.at(Math.max(0, samples.length - recent.length - 1))
  if (!first || last.atMs <= first.atMs) return null
  // Samples come in steps of a second or two; a longer silence counts as standing still.
  const seconds = (Math.max(last.atMs, nowMs - usualSilenceMs) - first.atMs) / 1000
  return {
    // A part that began again reports fewer rows than before: no rate is better than a negative one.
    rowsPerSecond: Math.max(0, last.rows - first.rows) / seconds,
    bytesPerSecond: Math.max(0, last.bytes - first.bytes) / seconds,
  }
}

/** How long the rest will take at this rate; null where nothing moves or the whole is not known. */
export function timeLeftMs(done: number, total: number | null, perSecond: number): number | null {
  if (total === null || perSecond <= 0) return null
  return Math.round((Math.max(0, total - done) / perSecond) * 1000)
}

/** The share that is done, from 0 to 1; null where the whole is not known. An estimate that was too small never passes the end. */
export function shareDone(done: number, total: number | null): number | null {
  if (total === null || total <= 0) return null
  return Math.min(1, done / total)
}

/** For a chart: nothing at the start, then the rate at each sample since the one before it. Samples stand on the second. */
export function ratesOverTime(
  samples: readonly Sample[],
  startedAtMs: number,
): { atMs: number; rates: Rates }[] {
  const start = { atMs: Math.floor(startedAtMs / 1000) * 1000, rows: 0, bytes: 0 }
  const later = samples.filter(({ atMs }) => atMs > start.atMs)
  if (later.length === 0) return []
  const rates = later.flatMap((sample, index) => {
    const since = slidingRate([later[index - 1] ?? start, sample], sample.atMs)
    return since ? [{ atMs: sample.atMs, rates: since }] : []
  })
  return [{ atMs: start.atMs, rates: { rowsPerSecond: 0, bytesPerSecond: 0 } }, ...rates]
}
