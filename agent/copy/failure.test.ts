import { expect, test } from 'vitest'
import { failureFrom, TaskFailure } from './failure.ts'

const sink = { side: 'sink', store: 'lake', object: 'public.flights' } as const
const error = (fields: object) => Object.assign(new Error('secret canary 4711'), fields)

test.each([
  ['ENOTFOUND', 'dns_failed'],
  ['ECONNREFUSED', 'sink_unreachable'],
  ['ETIMEDOUT', 'sink_unreachable'],
  ['ENOSPC', 'sink_full'],
  ['EFBIG', 'sink_full'],
  ['EACCES', 'permission_denied'],
  ['ENOENT', 'not_found'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'tls_failed'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls_failed'],
  ['28P01', 'login_failed'],
  ['28000', 'login_failed'],
  ['3D000', 'not_found'],
  ['42501', 'permission_denied'],
  ['42P01', 'not_found'],
  ['22001', 'invalid_data'],
  ['22P02', 'invalid_data'],
  ['23502', 'invalid_data'],
  ['23505', 'key_violation'],
  ['40P01', 'store_conflict'],
  ['53100', 'sink_full'],
  ['53300', 'timeout'],
  ['55P03', 'store_conflict'],
  ['57P01', 'sink_unreachable'],
  ['57P03', 'sink_unreachable'],
  ['08006', 'sink_unreachable'],
  ['0A000', 'type_unsupported'],
  ['XX000', 'internal'],
  ['ODD', 'internal'],
])('%s at the sink is %s', (code, expected) => {
  expect(failureFrom(error({ code }), sink).code).toBe(expected)
})

test('the same cut connection is unreachable on the side it happened', () => {
  expect(failureFrom(error({ code: 'EPIPE' }), sink)).toMatchObject({
    code: 'sink_unreachable',
    retryable: true,
  })
  expect(failureFrom(error({ code: 'ECONNRESET' }), { ...sink, side: 'source' }).code).toBe(
    'source_unreachable',
  )
})

test('values of the data are never repeated: neither message nor detail of data errors, nor unknown messages', () => {
  const where = 'COPY _sallyport_1, line 7, column fare: "canary 4711"'
  for (const code of ['22P02', '22001', '23505', '23502', '23514', 'XX001', undefined]) {
    const { message } = failureFrom(error({ code, where, detail: 'Key (id)=(canary)' }), sink)
    expect(message).not.toContain('canary')
    expect(message).toContain('lake')
  }
})

test('column, line and constraint are named where the server knows them', () => {
  const where = 'COPY _sallyport_1, line 7, column fare: "canary"'
  expect(failureFrom(error({ code: '22P02', where }), sink).message).toBe(
    'Sink “lake” (public.flights): a value does not fit the type of its column (column fare, row 7 of the chunk).',
  )
  expect(failureFrom(error({ code: '23505', constraint: 'flights_pkey' }), sink).message).toContain(
    'constraint flights_pkey',
  )
})

test('what a trigger raises is told as such, and what is not ready by its own words', () => {
  expect(failureFrom(error({ code: 'P0001' }), sink)).toMatchObject({
    code: 'invalid_data',
    message:
      'Sink “lake” (public.flights): a trigger or function of the database refused it (RAISE EXCEPTION).',
  })
  const fields = { code: '55000', message: 'materialized view "daily" has not been populated' }
  expect(failureFrom(error(fields), { ...sink, side: 'source' })).toMatchObject({
    code: 'schema_mismatch',
    message: 'Source “lake” (public.flights): materialized view "daily" has not been populated.',
    retryable: false,
  })
  expect(failureFrom(error({ code: '22003' }), sink).message).toMatch(/the type of its column\.$/)
})

test('codes are found inside wrapped and grouped errors', () => {
  const inner = error({ code: 'ECONNREFUSED' })
  expect(failureFrom(new Error('x', { cause: inner }), sink).code).toBe('sink_unreachable')
  expect(failureFrom(new AggregateError([inner]), sink).code).toBe('sink_unreachable')
})

test('our own failures pass unchanged, and know whether another attempt may help', () => {
  const own = new TaskFailure('verification_failed', 'digest differs')
  expect(failureFrom(own, sink)).toBe(own)
  expect(own.toFailure()).toEqual({ code: 'verification_failed', message: 'digest differs', retryable: true })
  expect(new TaskFailure('sink_full', 'full', { side: 'sink' }).toFailure()).toMatchObject({
    side: 'sink',
    retryable: false,
  })
})
