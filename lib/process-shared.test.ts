import { expect, test } from 'vitest'
import { processShared } from './process-shared'

test('processShared() makes a value once and hands the same one to every caller', () => {
  let made = 0
  const make = () => ({ id: ++made })
  const first = processShared('process-shared.test', make)
  expect(processShared('process-shared.test', make)).toBe(first)
  expect(made).toBe(1)
})

test('processShared() lets the value be replaced for everybody', () => {
  const first = processShared<string>('process-shared.test.replaced', () => 'old')
  first.value = 'new'
  expect(processShared<string>('process-shared.test.replaced', () => 'old').value).toBe('new')
})
