import { describe, expect, test } from 'vitest'
import { ganttOf, ganttTicks, type TimelineRun } from '@/components/runs/gantt-rows'
import type { RunAttempt } from '@/lib/runs/read/read-parts'

const second = (at: number) => new Date(at * 1000).toISOString()

function attempt(change: Partial<RunAttempt>): RunAttempt {
  return {
    taskId: 'task',
    kind: 'copyPart',
    activityRunId: 'a',
    partIndex: 0,
    epoch: 1,
    attempt: 1,
    nodeId: 'n1',
    nodeName: 'plant-a',
    from: second(1),
    to: second(2),
    outcome: 'succeeded',
    message: null,
    ...change,
  }
}

function story(attempts: RunAttempt[], activities: TimelineRun['activities']): TimelineRun {
  const shown = { activityId: 'a', parts: [{ index: 0, label: 'blocks 0–9' }] }
  return { queuedAt: second(0), startedAt: second(0), endedAt: null, activities, attempts, shown }
}

const copying = { id: 'a', name: 'Copy', status: 'InProgress' as const, startedAt: second(0), endedAt: null }

/** The rows' labels of a run whose parts have these. */
function labelled(...labels: string[]) {
  const run = story([], [copying])
  run.shown.parts = labels.map((label, index) => ({ index, label }))
  return ganttOf(run, 10_000).rows.map(({ label }) => label)
}

describe('ganttOf()', () => {
  test('leaves out the table that all parts are of, and keeps the tables where they differ', () => {
    expect(labelled('a.orders, blocks 0–9', 'a.orders, blocks 10–end')).toEqual([
      'blocks 0–9',
      'blocks 10–end',
    ])
    const differing = ['a.orders_1, blocks 0–9', 'a.orders_2, blocks 0–9']
    expect(labelled(...differing)).toEqual(differing)
    expect(labelled('a.orders, blocks 0–end')).toEqual(['a.orders, blocks 0–end'])
  })

  test('shows a part that was lost and taken over as two bars on its row', () => {
    const lost = attempt({ outcome: 'lost', to: second(3) })
    const running = attempt({
      epoch: 2,
      attempt: 2,
      nodeId: 'n2',
      nodeName: 'plant-b',
      from: second(4),
      to: null,
      outcome: null,
    })
    const gantt = ganttOf(story([lost, running], [copying]), 10_000)
    expect(gantt).toMatchObject({ fromMs: 0, toMs: 10_000 })
    expect(gantt.rows).toMatchObject([
      {
        label: 'blocks 0–9',
        bars: [
          { broken: true, open: false, says: 'part 0 on plant-a, attempt 1: node lost after 2.0 s' },
          { nodeId: 'n2', fromMs: 4000, toMs: 10_000, open: true, broken: false },
        ],
      },
    ])
  })

  test('shows the other activities as one bar each', () => {
    const done = {
      id: 'b',
      name: 'Second',
      status: 'Succeeded' as const,
      startedAt: second(2),
      endedAt: second(5),
    }
    const { rows } = ganttOf(story([attempt({})], [copying, done]), 6_000)
    expect(rows.map(({ label, bars }) => [label, bars.length])).toEqual([
      ['Copy', 0],
      ['blocks 0–9', 1],
      ['Second', 1],
    ])
  })
})

test('ganttTicks() are round and few, whatever the length', () => {
  expect(ganttTicks(1_500)).toEqual([0, 500, 1000, 1500])
  expect(ganttTicks(21_000)).toEqual([0, 5000, 10_000, 15_000, 20_000])
  for (const length of [1, 90_000, 86_400_000]) expect(ganttTicks(length).length).toBeLessThanOrEqual(7)
})
