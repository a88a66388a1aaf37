import { describe, expect, it } from 'vitest'
import {
  formatByteRate,
  formatBytes,
  formatClock,
  formatCount,
  formatDateTime,
  formatDuration,
  formatLocal,
  formatPercent,
  formatQuantity,
  formatRelative,
  formatRowRate,
  formatUtc,
} from './format.ts'

describe('formatBytes()', () => {
  it.each([
    [0, '0 B'],
    [1_023, '1,023 B'],
    [1_024, '1.00 KiB'],
    [10_240, '10.0 KiB'],
    [1_048_575, '1.00 MiB'],
    [40_055_603, '38.2 MiB'],
    [200 * 1_048_576, '200 MiB'],
    ['1099511627776', '1.00 TiB'],
    [2n ** 60n, '1.00 EiB'],
  ])('shows %s as %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text))

  it('never shows more than four digits before the next unit', () => {
    for (let exponent = 0; exponent < 60; exponent += 1) {
      for (const offset of [-1, 0, 1]) {
        expect(formatBytes(Math.max(0, 2 ** exponent + offset))).toMatch(/^[\d.,]{1,5} ([KMGTPE]i)?B$/)
      }
    }
  })
})

describe('rates', () => {
  it('carry their unit per second', () => {
    expect(formatByteRate(38.2 * 1_048_576)).toBe('38.2 MiB/s')
    expect(formatRowRate(142_317)).toBe('142,000 rows/s')
    expect(formatRowRate(0)).toBe('0 rows/s')
  })
})

describe('counts', () => {
  it('group digits, also of counts beyond what a number holds', () => {
    expect(formatCount(3_000_000)).toBe('3,000,000')
    expect(formatCount('9007199254740993')).toBe('9,007,199,254,740,993')
    expect(formatCount(-1_200)).toBe('-1,200')
  })

  it('agree with their noun', () => {
    expect(formatQuantity(1, 'row')).toBe('1 row')
    expect(formatQuantity('0', 'row')).toBe('0 rows')
    expect(formatQuantity(2n, 'factory', 'factories')).toBe('2 factories')
  })
})

describe('formatPercent()', () => {
  it.each([
    [0, '0 %'],
    [0.0001, '1 %'],
    [0.426, '43 %'],
    [0.9999, '99 %'],
    [1, '100 %'],
  ])('shows %s as %s', (share, text) => expect(formatPercent(share)).toBe(text))
})

describe('formatDuration()', () => {
  it.each([
    [-5, '0 ms'],
    [420, '420 ms'],
    [4_200, '4.2 s'],
    [9_960, '10 s'],
    [59_600, '1 m'],
    [192_000, '3 m 12 s'],
    [3_600_000, '1 h'],
    [7_500_000, '2 h 5 m'],
    [86_399_600, '1 d'],
    [3 * 86_400_000 + 4 * 3_600_000, '3 d 4 h'],
  ])('shows %s ms as %s', (ms, text) => expect(formatDuration(ms)).toBe(text))
})

describe('formatRelative()', () => {
  const now = new Date('2026-08-01T10:00:00Z')
  const before = (ms: number) => formatRelative(new Date(now.getTime() - ms), now)

  it('says how long ago in one unit, up to a day', () => {
    expect(before(0)).toBe('now')
    expect(before(14_000)).toBe('14 s ago')
    expect(before(119_000)).toBe('1 m ago')
    expect(before(86_399_000)).toBe('23 h ago')
    expect(before(86_400_000)).toBeNull()
  })

  it('says what is still to come', () => {
    expect(before(-180_000)).toBe('in 3 m')
    expect(before(-90_000_000)).toBeNull()
  })
})

describe('dates', () => {
  const at = new Date('2026-08-01T10:04:33.987Z')

  it('show UTC to the second and local time to the minute', () => {
    expect(formatUtc(at)).toBe('2026-08-01 10:04:33 UTC')
    expect(formatLocal(at, 'Europe/Berlin')).toBe('2026-08-01 12:04:33')
    expect(formatDateTime(at, 'Europe/Berlin')).toBe('1 Aug 2026, 12:04')
    expect(formatClock(at, 'Europe/Berlin')).toBe('12:04:33')
  })
})
