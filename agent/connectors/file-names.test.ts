import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { wildcard } from './file-names.ts'

test.each([
  ['*', '', true],
  ['*', 'flights.csv', true],
  ['*.csv', 'flights.csv', true],
  ['*.csv', 'flights.csv.gz', false],
  ['flights-?.csv', 'flights-7.csv', true],
  ['flights-?.csv', 'flights-.csv', false],
  ['?', '🚢', true],
  ['a*b*c', 'a-b-b-c', true],
  ['a*b*c', 'a-c-b', false],
  ['*?', '', false],
  ['', '', true],
  ['', 'a', false],
  ['[a].(b)+', '[a].(b)+', true],
])('wildcard() “%s” and the name “%s”: %s', (pattern, name, expected) => {
  expect(wildcard(pattern)(name)).toBe(expected)
})

const text = (...letters: string[]) => fc.string({ unit: fc.constantFrom(...letters), maxLength: 8 })

test('wildcard() agrees with the regular expression of the same meaning', () => {
  fc.assert(
    fc.property(text('a', 'b', '*', '?'), text('a', 'b', '*'), (pattern, name) => {
      const meant = new RegExp(`^${pattern.replaceAll('*', '[^]*').replaceAll('?', '[^]')}$`, 'u')
      expect(wildcard(pattern)(name)).toBe(meant.test(name))
    }),
  )
})

test('wildcard() with many stars decides at once on a long name that nearly fits', () => {
  expect(wildcard(`${'*a'.repeat(40)}*b`)('a'.repeat(255))).toBe(false)
})
