import { expect, test } from 'vitest'
import { toActionError } from '@/lib/action'
import { conflict, statusByCode } from '@/lib/errors'

const wrapped = (cause: object) => new Error('Failed query: select secret', { cause })

test('a known error passes as it is', () => {
  expect(toActionError(conflict('Taken', { name: ['Taken'] }))).toEqual({
    code: 'conflict',
    message: 'Taken',
    fields: { name: ['Taken'] },
  })
})

test.each(['57P03', '08006', '53300', 'ECONNREFUSED'])(
  'a database that is away (%s) is said to be so, and worth another try',
  (code) => {
    const error = toActionError(wrapped(Object.assign(new Error('the database'), { code })))
    expect(error).toMatchObject({ code: 'unavailable', ref: expect.any(String) })
    expect(error.message).toMatch(/does not answer. Try again in a moment/)
    expect(statusByCode[error.code]).toBe(503)
  },
)

test('a database whose disk is full is said to be so, with what helps', () => {
  const full = Object.assign(new Error('could not extend file'), { code: '53100' })
  const error = toActionError(wrapped(full))
  expect(error).toMatchObject({ code: 'unavailable', ref: expect.any(String) })
  expect(error.message).toMatch(/cannot write: its disk is full\. .* once there is room/)
})

test('a bug shows its reference and nothing else', () => {
  const error = toActionError(wrapped(new Error('duplicate secret')))
  expect(error).toMatchObject({ code: 'internal', ref: expect.any(String) })
  expect(JSON.stringify(error)).not.toContain('secret')
})
