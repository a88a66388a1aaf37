import { expect, test } from 'vitest'
import { namesOf } from '@/lib/phrases'

test.each([
  [['a'], 'dataset "a"'],
  [['a', 'b'], 'datasets "a" and "b"'],
  [['a', 'b', 'c'], 'datasets "a", "b" and "c"'],
  [['a', 'b', 'c', 'd', 'e'], 'datasets "a", "b", "c" and 2 more'],
])('namesOf() says %j as %s', (names, sentence) => {
  expect(
    namesOf(
      'dataset',
      names.map((name) => ({ name })),
    ),
  ).toBe(sentence)
})
