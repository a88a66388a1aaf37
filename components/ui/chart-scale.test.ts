import { describe, expect, it } from 'vitest'
import { breakAtHoles, describeValue, emptyStretches, ticksFor } from './chart-scale'
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
