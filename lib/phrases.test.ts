import { expect, test } from 'vitest'
import { namesOf } from '@/lib/phrases'

test.each([
  [['a'], 1, 'dataset "a"'],
  [['a', 'b'], 2, 'datasets "a" and "b"'],
  [['a', 'b', 'c'], 3, 'datasets "a", "b" and "c"'],
  [['a', 'b', 'c', 'd', 'e'], 5, 'datasets "a", "b", "c" and 2 more'],
  [['a', 'b', 'c', 'd'], 1204, 'datasets "a", "b", "c" and 1201 more'],
])('namesOf() says %j of %i as %s', (names, total, sentence) => {
  expect(namesOf('dataset', { names, total })).toBe(sentence)
})
