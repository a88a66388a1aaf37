import { expect, test } from 'vitest'
import { isDue } from './key-age.ts'

const day = 86_400_000
const now = Date.parse('2026-11-22T10:00:00Z')
const due = (madeAt: number | null, { days = 90, isUnderWay = false } = {}) =>
  isDue({ isUnderWay, preferred: { madeAt: madeAt === null ? null : new Date(madeAt) } }, days, now)

test('isDue() goes by the age of the keys in use, and by nothing where it is switched off', () => {
  expect(due(now - 89 * day)).toBe(false)
  expect(due(now - 91 * day)).toBe(true)
  expect(due(null)).toBe(true)
  expect(due(now - 91 * day, { days: 0 })).toBe(false)
})

test('isDue() ends a rotation that something cut short, however young the keys are', () => {
  expect(due(now - day, { days: 0, isUnderWay: true })).toBe(true)
})
