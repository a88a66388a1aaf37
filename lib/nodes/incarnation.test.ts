import { expect, test } from 'vitest'
import { judgeIncarnation } from '@/lib/nodes/incarnation'

const since = new Date('2026-11-22T10:00:00Z')
const seen = { incarnation: 'b', previousIncarnation: 'a', incarnationSince: since }
const after = (ms: number) => {
  const at = new Date(since.getTime() + ms)
  return { signed: at, now: at }
}

test.each([
  ['same', 'b', after(60_000)],
  ['new', 'c', after(60_000)],
  ['late', 'a', after(1_000)],
  ['clone', 'a', after(30_000)],
  // Signed long ago and kept by somebody: its time is over.
  ['clone', 'a', { signed: since, now: after(30_000).now }],
] as const)('judgeIncarnation() says %s', (judgement, incarnation, at) => {
  expect(judgeIncarnation(seen, incarnation, at)).toBe(judgement)
})

test('judgeIncarnation() takes the first process of a node as new', () => {
  const never = { incarnation: null, previousIncarnation: null, incarnationSince: null }
  expect(judgeIncarnation(never, 'a', after(0))).toBe('new')
})
