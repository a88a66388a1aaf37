import { describe, expect, test } from 'vitest'
import { tellRun, type ToldActivity, type ToldRun } from '@/lib/runs/read/sentence'

const receipt = {
  rowsWritten: '3000000',
  guarantee: 'exactly-once',
  verification: 'stream',
  canonicalForm: 'pg-binary',
} as const

function told(run: Partial<ToldRun> = {}, activity: Partial<ToldActivity> = {}): string {
  const activities = [anActivity(activity)]
  const times = { startedAt: new Date(0), endedAt: new Date(21_000) }
  const phrases = tellRun({ status: 'Succeeded', ...times, activities, ...run })
  return phrases.map(({ text, name }) => (name ? `*${text}*` : text)).join('')
}

function anActivity(change: Partial<ToldActivity> = {}): ToldActivity {
  const ends = { source: 'public.flights', sink: 'lake/flights/' }
  return {
    name: 'Copy',
    status: 'Succeeded',
    phase: 'ended',
    ...ends,
    receipt,
    ...change,
  }
}

describe('tellRun()', () => {
  test('tells a success with rows, time, guarantee and verification', () => {
    expect(told()).toBe(
      'Copied 3,000,000 rows from *public.flights* to *lake/flights/* in 21 s, exactly once, verified.',
    )
  })

  test('names the weakest promise of several activities', () => {
    const weaker = { ...receipt, guarantee: 'at-least-once', verification: 'counts' } as const
    expect(told({ activities: [anActivity(), anActivity({ receipt: weaker })] })).toBe(
      'Copied 6,000,000 rows in 2 activities in 21 s, at least once, with equal counts at both ends.',
    )
  })

  test('counts files that go unchanged as files', () => {
    const files = { ...receipt, rowsWritten: '4', canonicalForm: 'bytes' } as const
    expect(told({}, { receipt: files })).toMatch(/^Copied 4 files from /)
    expect(told({}, { receipt: { ...files, rowsWritten: '1' } })).toMatch(/^Copied 1 file from /)
    expect(told({ activities: [anActivity(), anActivity({ receipt: files })] })).toMatch(
      /^Copied 3,000,000 rows and 4 files in 2 activities /,
    )
  })

  test('says where it stands while it runs', () => {
    const running = { status: 'InProgress' as const, endedAt: null }
    expect(told(running, { status: 'InProgress', phase: 'publishing', receipt: null })).toBe(
      'Everything has arrived. Verifying and publishing *public.flights* to *lake/flights/*.',
    )
    expect(told({ status: 'Queued', startedAt: null, endedAt: null })).toBe(
      'Waiting for a node to copy *public.flights* to *lake/flights/*.',
    )
  })

  test('says of several how many are done, and how many failed already', () => {
    const running = { status: 'InProgress' as const, endedAt: null }
    const going = anActivity({ status: 'InProgress', phase: 'copying', receipt: null })
    const failed = anActivity({ status: 'Failed', receipt: null })
    expect(told({ ...running, activities: [anActivity(), going] })).toBe('Copying 2 activities: 1 done.')
    expect(told({ ...running, activities: [failed, failed, going] })).toBe(
      'Copying 3 activities: 0 done, 2 failed.',
    )
  })

  test('says when it failed, and how many of several did', () => {
    const failed = { status: 'Failed' as const, receipt: null }
    expect(told({ status: 'Failed' }, failed)).toBe(
      'Could not copy *public.flights* to *lake/flights/*: it failed after 21 s.',
    )
    expect(told({ status: 'Failed', startedAt: null }, failed)).toBe(
      'Could not copy *public.flights* to *lake/flights/*.',
    )
    const activities = [anActivity(), anActivity({ ...failed, name: 'Second' })]
    expect(told({ status: 'Failed', activities })).toBe('1 of 2 activities failed after 21 s.')
  })

  test('says when a cancel came', () => {
    expect(told({ status: 'Cancelled' })).toMatch(/after 21 s\.$/)
    expect(told({ status: 'Cancelled', startedAt: null })).toMatch(/before it began\.$/)
  })
})
