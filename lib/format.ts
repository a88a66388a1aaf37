/** A count or size as code or the wire holds it; big ones travel as strings of digits. */
export type Quantity = number | bigint | string

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const

/** Bytes in binary steps with three significant digits: `38.2 MiB`. */
export function formatBytes(bytes: Quantity): string {
  const [value, unit] = scaleBytes(Number(bytes))
  return `${value} ${unit}`
}

/** A byte rate: `38.2 MiB/s`. */
export function formatByteRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`
}

/** Every digit, grouped: `3,000,000`. */
export function formatCount(count: Quantity): string {
  const whole = typeof count === 'number' ? BigInt(Math.round(count)) : BigInt(count)
  return whole.toLocaleString('en-US')
}

/** A count with its noun: `1 row`, `3,000,000 rows`. */
export function formatQuantity(count: Quantity, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${String(count) === '1' ? singular : plural}`
}

/** Rows per second, to three significant digits so that a live number does not flicker: `142,000 rows/s`. */
export function formatRowRate(rowsPerSecond: number): string {
  return `${formatCount(Number(rowsPerSecond.toPrecision(3)))} rows/s`
}

/** A share of one as a whole percentage; never `100 %` before the end, nor `0 %` once begun. */
export function formatPercent(share: number): string {
  if (share <= 0) return '0 %'
  if (share >= 1) return '100 %'
  return `${Math.min(99, Math.max(1, Math.round(share * 100)))} %`
}

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** A length of time in at most two units: `420 ms`, `4.2 s`, `3 m 12 s`, `2 h 5 m`, `3 d 4 h`. */
export function formatDuration(durationMs: number): string {
  const ms = Math.max(0, Math.round(durationMs))
  if (ms < second) return `${ms} ms`
  if (ms < 9_950) return `${(ms / second).toFixed(1)} s`
  const rounded = Math.round(ms / second) * second
  if (rounded < minute) return `${rounded / second} s`
  if (rounded < hour) return twoUnits(rounded, [minute, 'm'], [second, 's'])
  if (rounded < day) return twoUnits(rounded, [hour, 'h'], [minute, 'm'])
  return twoUnits(rounded, [day, 'd'], [hour, 'h'])
}

/** Time in one unit relative to now, up to a day: `14 s ago`, `in 3 m`; further away it is null: show the date. */
export function formatRelative(at: Date, now: Date): string | null {
  const distanceMs = now.getTime() - at.getTime()
  const size = Math.abs(distanceMs)
  if (size >= day) return null
  if (size < second) return 'now'
  const amount = oneUnit(size)
  return distanceMs > 0 ? `${amount} ago` : `in ${amount}`
}

/** Date and time in UTC with seconds: `2026-08-01 10:04:33 UTC`. */
export function formatUtc(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** Date and time with seconds in the given zone, or the reader's own, in the same shape as UTC: `2026-08-01 12:04:33`. */
export function formatLocal(at: Date, timeZone?: string): string {
  return at.toLocaleString('sv-SE', timeZone ? { timeZone } : {})
}

/** Date and time to the minute in the given zone, or the reader's own: `1 Aug 2026, 12:04`. */
export function formatDateTime(at: Date, timeZone?: string): string {
  return at.toLocaleString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    ...(timeZone ? { timeZone } : {}),
  })
}

/** The clock's time with seconds in the reader's zone, for logs and chart axes: `12:04:33`. */
export function formatClock(at: Date, timeZone?: string): string {
  return at.toLocaleTimeString('en-GB', timeZone ? { timeZone } : {})
}

function scaleBytes(bytes: number): [value: string, unit: string] {
  let value = bytes
  let step = 0
  while (Math.abs(value) >= 1_023.5 && step < byteUnits.length - 1) {
    value /= 1_024
    step += 1
  }
  if (step === 0) return [formatCount(value), 'B']
  return [threeDigits(value), byteUnits[step] ?? 'B']
}

function threeDigits(value: number): string {
  if (value >= 99.95) return formatCount(value)
  return value.toFixed(value >= 9.995 ? 1 : 2)
}

type Unit = [sizeMs: number, name: string]

function twoUnits(ms: number, [big, bigName]: Unit, [small, smallName]: Unit): string {
  const smalls = Math.floor(ms / small)
  const perBig = big / small
  const rest = smalls % perBig
  return rest === 0
    ? `${Math.floor(smalls / perBig)} ${bigName}`
    : `${Math.floor(smalls / perBig)} ${bigName} ${rest} ${smallName}`
}

function oneUnit(ms: number): string {
  if (ms < minute) return `${Math.floor(ms / second)} s`
  if (ms < hour) return `${Math.floor(ms / minute)} m`
  return `${Math.floor(ms / hour)} h`
}
