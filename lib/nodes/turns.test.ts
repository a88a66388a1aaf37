import { expect, test } from 'vitest'
import { arrivalTurnMs, turnMs } from '@/lib/nodes/turns'

test('turnMs() tells a few nodes at once, and a fleet fifty a second', () => {
  expect([1, 50].map((polls) => turnMs(polls, 0.9))).toEqual([0, 0])
  expect([0, 0.5, 1].map((random) => turnMs(5000, random))).toEqual([0, 50_000, 100_000])
})

test('arrivalTurnMs() lets a node that has just heard take a breath, and a newcomer none', () => {
  expect(arrivalTurnMs({ polls: 2, isNewcomer: true }, 0.5)).toBe(0)
  expect(arrivalTurnMs({ polls: 2, isNewcomer: false }, 0.5)).toBe(250)
  expect(arrivalTurnMs({ polls: 100, isNewcomer: true }, 0.5)).toBe(1000)
})
