import { expect, test } from 'vitest'
import { safeReturnPath, shownAddress } from '@/lib/auth/return-path'

test.each(['/factories/plant-7/runs?status=Failed', '/account'])('keeps %s', (path) => {
  expect(safeReturnPath(path)).toBe(path)
})

test.each([
  undefined,
  '',
  'https://evil.example/',
  '//evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  '\\\\evil.example',
  'javascript:alert(1)',
  ' //evil.example',
  '/../../..//evil.example',
  `/${'x'.repeat(3000)}`,
])('leads %j to the home page or stays in the portal', (wanted) => {
  const path = safeReturnPath(wanted)
  expect(new URL(path, 'https://portal.test').origin).toBe('https://portal.test')
  expect(path).not.toContain('evil.example')
})

test.each([
  ['/audit?_rsc=1a2b3', '/audit'],
  ['/audit?_rsc', '/audit'],
  ['/factories/plant-7/runs?status=Failed&_rsc=1a2b3', '/factories/plant-7/runs?status=Failed'],
  ['/account', '/account'],
])('shownAddress() makes of %s what the browser shows', (requested, shown) => {
  expect(shownAddress(requested)).toBe(shown)
})
