import { describe, expect, test } from 'vitest'
import { ratesOverTime, shareDone, slidingRate, timeLeftMs } from '@/lib/runs/read/progress'

const sample = (second: number, rows: number) => ({ atMs: second * 1000, rows, bytes: rows * 100 })

describe('slidingRate()', () => {
  test('compares the last sample with the one before the window', () => {
    const samples = [sample(0, 0), sample(10, 100_000), sample(20, 100_000), sample(30, 200_000)]
    expect(slidingRate(samples, 30_000)).toEqual({ rowsPerSecond: 5_000, bytesPerSecond: 500_000 })
  })

  test('needs two samples', () => {
    expect(slidingRate([], 0)).toBeNull()
    expect(slidingRate([sample(1, 5)], 1000)).toBeNull()
  })

  test('falls while nothing new comes', () => {
    const samples = [sample(0, 0), sample(2, 20_000)]
    expect(slidingRate(samples, 2_000)?.rowsPerSecond).toBe(10_000)
    expect(slidingRate(samples, 4_000)?.rowsPerSecond).toBe(10_000)
    expect(slidingRate(samples, 10_500)?.rowsPerSecond).toBe(2_500)
    expect(slidingRate(samples, 22_500)?.rowsPerSecond).toBe(0)
  })

  test('a part that began again is no negative rate', () => {
    expect(slidingRate([sample(0, 500), sample(1, 100)], 1000)?.rowsPerSecond).toBe(0)
  })
})

test('timeLeftMs() divides what is left, and says nothing where it cannot know', () => {
  expect(timeLeftMs(1_000_000, 3_000_000, 100_000)).toBe(20_000)
  expect(timeLeftMs(4_000_000, 3_000_000, 100_000)).toBe(0)
  expect(timeLeftMs(0, null, 100_000)).toBeNull()
  expect(timeLeftMs(0, 3_000_000, 0)).toBeNull()
})

test('shareDone() stays within the whole', () => {
  expect(shareDone(1, 4)).toBe(0.25)
  expect(shareDone(5, 4)).toBe(1)
  expect(shareDone(5, null)).toBeNull()
  expect(shareDone(0, 0)).toBeNull()
})

const rates = (perSecond: number) => ({ rowsPerSecond: perSecond, bytesPerSecond: perSecond * 100 })

test('ratesOverTime() begins with nothing at the start, and has a point for each sample', () => {
  expect(ratesOverTime([sample(1, 5), sample(2, 15), sample(4, 35)], 400)).toEqual([
    { atMs: 0, rates: rates(0) },
    { atMs: 1000, rates: rates(5) },
    { atMs: 2000, rates: rates(10) },
    { atMs: 4000, rates: rates(10) },
  ])
})

test('ratesOverTime() has nothing to show before a second is over', () => {
  expect(ratesOverTime([], 400)).toEqual([])
  expect(ratesOverTime([sample(0, 10)], 400)).toEqual([])
})
