import { format, inspect } from 'node:util'
import { expect, test } from 'vitest'
import { Secret } from './secret'

test('Secret shows its value to reveal() and to nothing else', () => {
  const secret = new Secret('hunter2')
  expect(secret.reveal()).toBe('hunter2')
  const printed = [
    String(secret),
    JSON.stringify({ secret }),
    inspect({ secret }),
    format('%s %o %j', secret, secret, secret),
  ]
  expect(printed.join()).not.toContain('hunter2')
  expect(Object.values(secret)).toEqual([])
})
