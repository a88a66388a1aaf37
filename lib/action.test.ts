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

test('a bug shows its reference and nothing else', () => {
  const error = toActionError(wrapped(new Error('duplicate secret')))
  expect(error).toMatchObject({ code: 'internal', ref: expect.any(String) })
  expect(JSON.stringify(error)).not.toContain('secret')
})
