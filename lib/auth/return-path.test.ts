import { expect, test } from 'vitest'
import { safeReturnPath } from '@/lib/auth/return-path'

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
