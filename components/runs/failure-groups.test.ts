import { describe, expect, test } from 'vitest'
import { groupFailures, tellNames } from '@/components/runs/failure-groups'

const schemaMissing = {
  code: 'not_found',
  message: 'Schema mart does not exist at the sink.',
  remedy: 'Check it.',
  side: 'sink',
  retryable: false,
} as const

const failed = (name: string, failure: Parameters<typeof groupFailures>[0][number]['failure']) => ({
  id: name,
  name,
  failure,
  source: { what: name, linkedService: 'orders-db' },
  sink: { what: name, linkedService: 'warehouse' },
})

describe('groupFailures()', () => {
  test('says a reason once, however many activities it stopped', () => {
    const activities = [
      failed('Copy a', schemaMissing),
      failed('Copy b', { ...schemaMissing, message: 'Disk full.' }),
      failed('Copy c', schemaMissing),
      failed('Copy d', null),
    ]
    expect(groupFailures(activities)).toMatchObject([
      {
        title: '2 activities failed at their sink, warehouse',
        names: ['Copy a', 'Copy c'],
        message: 'Schema mart does not exist at the sink.',
      },
      { title: 'Copy b failed at its sink, warehouse', names: [], message: 'Disk full.' },
    ])
  })

  test('keeps apart what failed at different stores', () => {
    const other = { ...failed('Copy b', schemaMissing), sink: { what: 'b', linkedService: 'archive' } }
    expect(groupFailures([failed('Copy a', schemaMissing), other])).toHaveLength(2)
  })

  test('tellNames() names the first of many', () => {
    const names = Array.from({ length: 16 }, (_, index) => `Copy ${index}`)
    expect(tellNames(names)).toMatch(/^Copy 0, .*, Copy 7 and 8 more$/)
    expect(tellNames(names.slice(0, 9))).toMatch(/Copy 7, Copy 8$/)
  })
})
