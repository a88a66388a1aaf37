import { describe, expect, it } from 'vitest'
import { nearestIndex, windowOf } from './chart-data'
import { breakAtHoles, describeValue, emptyStretches, linePaths, ticksFor, timeTicks } from './chart-scale'
import { nodeHues } from './series'

describe('ticksFor()', () => {
  it('takes few round steps from zero to above the largest value', () => {
    expect(ticksFor('count', 0)).toEqual([0, 1, 2])
    expect(ticksFor('count', 290)).toEqual([0, 100, 200, 300])
    expect(ticksFor('rowsPerSecond', 142_000)).toEqual([0, 50_000, 100_000, 150_000])
    expect(ticksFor('share', 0.2)).toEqual([0, 0.5, 1])
  })

  it('takes binary steps for bytes, so that ticks are whole units', () => {
    expect(
      ticksFor('bytesPerSecond', 38 * 2 ** 20).map((tick) => describeValue('bytesPerSecond', tick)),
    ).toEqual(['0 B/s', '20.0 MiB/s', '40.0 MiB/s'])
    expect(ticksFor('bytes', 2_900 * 2 ** 20).map((tick) => describeValue('bytes', tick))).toEqual([
      '0 B',
      '1.00 GiB',
      '2.00 GiB',
      '3.00 GiB',
    ])
  })

  it.each([1, 7, 99, 1_023, 1_024, 5_000_000, 10 ** 12])('covers %s with at most five ticks', (largest) => {
    const ticks = ticksFor('bytes', largest)
    expect(ticks.at(-1)).toBeGreaterThanOrEqual(largest)
    expect(ticks.length).toBeLessThanOrEqual(5)
  })
})

describe('timeTicks()', () => {
  const noon = Date.UTC(2026, 10, 26, 12)

  it('takes round seconds within a short run', () => {
    expect(timeTicks(noon + 300, noon + 9300).map((time) => time - noon)).toEqual([2000, 4000, 6000, 8000])
    expect(timeTicks(noon, noon + 1000)).toEqual([noon, noon + 1000])
  })

  it.each([1, 7, 59, 3_600, 86_399, 86_400 * 3, 86_400 * 400])(
    'has one to six within %s seconds',
    (length) => {
      const [from, to] = [noon, noon + length * 1000]
      const ticks = timeTicks(from, to)
      expect(ticks.length).toBeGreaterThan(0)
      expect(ticks.length).toBeLessThanOrEqual(6)
      for (const tick of ticks) expect(tick >= from && tick <= to).toBe(true)
    },
  )

  it('has both ends where they are round', () => {
    expect(timeTicks(noon, noon + 5000)).toHaveLength(6)
  })

  it('has none where nothing round lies between', () => {
    expect(timeTicks(noon + 100, noon + 900)).toEqual([])
  })
})

describe('linePaths()', () => {
  it('goes from the lower left to the upper right, and stands on the ground as an area', () => {
    expect(linePaths([10, 20], [0, 4], { from: 10, to: 20, top: 4 })).toEqual({
      line: 'M0.0,1000.0L1000.0,0.0',
      area: 'M0.0,1000L0.0,1000.0L1000.0,0.0L1000.0,1000Z',
    })
  })

  it('is broken where a point is missing', () => {
    const { line } = linePaths([0, 1, 2, 3], [1, null, 1, 1], { from: 0, to: 3, top: 1 })
    expect(line).toBe('M0.0,0.0M666.7,0.0L1000.0,0.0')
  })
})

describe('nearestIndex()', () => {
  it('finds the measured moment, and none where there is none', () => {
    expect(nearestIndex([10, 20, 40], 29)).toBe(1)
    expect(nearestIndex([10, 20, 40], 31)).toBe(2)
    expect(nearestIndex([], 31)).toBe(-1)
  })
})

describe('windowOf()', () => {
  it('is what was measured, unless more is to be shown', () => {
    expect(windowOf({ times: [10, 20] })).toEqual([10, 20])
    expect(windowOf({ times: [10, 20], window: [0, 30] })).toEqual([0, 30])
  })
})

describe('breakAtHoles()', () => {
  it('puts an empty moment where nothing was measured for long', () => {
    const whole = { times: [10, 20, 30], series: [{ points: [1, 2, 3] }] }
    expect(breakAtHoles(whole)).toBe(whole)
    expect(breakAtHoles({ times: [10, 20, 30, 90, 100], series: [{ points: [1, 2, 3, 4, 5] }] })).toEqual({
      times: [10, 20, 30, 60, 90, 100],
      series: [{ points: [1, 2, 3, null, 4, 5] }],
    })
  })
})

describe('emptyStretches()', () => {
  const times = [10, 20, 30, 40, 50, 60, 70, 80]

  it('finds holes in the middle and before and after what was measured', () => {
    const points = [1, 2, null, null, null, 3, 4, 5]
    expect(emptyStretches(times, [points], [10, 80])).toEqual([[20, 60]])
    expect(emptyStretches(times, [points], [-30, 130])).toEqual([
      [-30, 10],
      [20, 60],
      [80, 130],
    ])
  })

  it('is not empty where any series has a value', () => {
    expect(emptyStretches(times, [[1, 2, null, null, null, 3, 4, 5], times.map(() => 0)], [10, 80])).toEqual(
      [],
    )
  })

  it('is the whole window when nothing was measured', () => {
    expect(emptyStretches([], [], [0, 100])).toEqual([[0, 100]])
  })
})

describe('nodeHues()', () => {
  it('gives each node its own hue, whatever the order, and keeps it when younger nodes come', () => {
    const few = nodeHues(['b', 'a'])
    expect(few).toEqual(nodeHues(['a', 'b']))
    expect(few.get('a')).not.toBe(few.get('b'))
    expect(nodeHues(['c', 'a', 'b']).get('b')).toBe(few.get('b'))
  })
})
