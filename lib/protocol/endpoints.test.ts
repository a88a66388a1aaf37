import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type EndpointName, endpoints } from './endpoints.ts'
import { taskKinds } from './task.ts'

const folder = new URL('fixtures/v1/', import.meta.url)
/** `<endpoint>.<request|response>[.<variant>].json`: messages that today's agents and portals send. Never changed, only added to. */
const fixtures = readdirSync(folder).map((file) => {
  const [endpoint = '', side = ''] = file.split('.')
  const message: unknown = JSON.parse(readFileSync(new URL(file, folder), 'utf8'))
  return { file, endpoint: endpoint as EndpointName, side: side as 'request' | 'response', message }
})

test.each(fixtures)('the golden message $file is still read, whole', ({ endpoint, side, message }) => {
  expect(endpoints[endpoint][side].parse(message)).toEqual(message)
})

test.each(fixtures.filter(({ message }) => message !== null))(
  'an unknown member beside those of $file does not hinder an older reader',
  ({ endpoint, side, message }) => {
    const newer = { ...(message as object), fromTheFuture: { a: 1 } }
    expect(endpoints[endpoint][side].parse(newer)).toEqual(message)
  },
)

test('every endpoint has golden messages for both ways, and every kind of task and result is among them', () => {
  for (const name of Object.keys(endpoints))
    for (const side of ['request', 'response'])
      expect(fixtures.some((fixture) => fixture.endpoint === name && fixture.side === side)).toBe(true)
  const text = JSON.stringify(fixtures.map(({ message }) => message))
  for (const kind of taskKinds)
    expect(text.split(`"kind":"${kind}"`).length, `task and result of ${kind}`).toBeGreaterThanOrEqual(3)
})

test('every endpoint has a path of its own below the base of its version', () => {
  const paths = Object.values(endpoints).map(({ path }) => path)
  expect(new Set(paths).size).toBe(paths.length)
  expect(paths.every((path) => /^\/api\/agent\/v1\/[a-z]+$/.test(path))).toBe(true)
})
