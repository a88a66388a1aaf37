import { readdirSync, readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { enqueueTasks } from '@/lib/tasks/enqueue'
import { AgentError } from '@/lib/protocol/errors'
import { type EndpointName, endpoints } from '@/lib/protocol/endpoints'
import { testChannel } from '@/server/test-channel'
import type { Answer, TestNode } from '@/server/test-node'

/** Signed as it should be, and wrong in every way that chance finds: refused in plain words, never a fault of the portal. */

const world = testChannel()
const names = Object.keys(endpoints) as EndpointName[]
const folder = new URL('../lib/protocol/fixtures/v1/', import.meta.url)
const golden = readdirSync(folder)
  .filter((file) => file.includes('.request'))
  .map((file) => ({ file, message: JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as fc.JsonValue }))

const runs = { numRuns: 60 }
/** Chance does not meet these often enough by itself. */
const nasty = fc.constantFrom<fc.JsonValue[]>(
  null,
  '',
  '\u0000',
  '\u{1f6a2}\u0000',
  -1,
  0.5,
  1e308,
  2 ** 31,
  2 ** 53 - 1,
  2 ** 53,
  '0000-01-01T00:00:00Z',
  '9'.repeat(40),
  'x'.repeat(5_000),
  '00000000-0000-0000-0000-000000000000',
  [],
  {},
  [[]],
  { __proto__: null, constructor: 1 },
  "'; drop table nodes; --",
)
const junk: fc.Arbitrary<fc.JsonValue> = fc.oneof(nasty, fc.jsonValue({ maxDepth: 3 }))

/** A golden message with one of its members, anywhere inside, replaced, left out or doubled. */
function mutated(message: fc.JsonValue): fc.Arbitrary<fc.JsonValue> {
  const places = placesIn(message)
  return fc
    .tuple(fc.constantFrom(...places), junk, fc.constantFrom('replace', 'remove', 'repeat'))
    .map(([place, value, how]) => changeAt(message, place, { value, how }))
}

type Place = readonly (string | number)[]

function placesIn(value: fc.JsonValue, at: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return [at]
  return [
    at,
    ...Object.entries(value as Record<string, fc.JsonValue>).flatMap(([key, inner]) =>
      placesIn(inner, [...at, key]),
    ),
  ]
}

function changeAt(
  message: fc.JsonValue,
  [key, ...rest]: Place,
  change: { value: fc.JsonValue; how: string },
): fc.JsonValue {
  if (key === undefined) return change.value
  const copy = structuredClone(message) as Record<string | number, fc.JsonValue>
  const inner = copy[key] ?? null
  if (rest.length > 0) copy[key] = changeAt(inner, rest, change)
  else if (change.how === 'remove') delete copy[key]
  else if (change.how === 'repeat') copy[key] = [inner, inner]
  else copy[key] = change.value
  return copy
}

/** What JSON can say and a column cannot hold: chance would rarely put it where a number or a date is due. */
function* withExtremes(message: fc.JsonValue): Generator<fc.JsonValue> {
  for (const place of placesIn(message))
    for (const value of extremesFor(valueAt(message, place)))
      yield changeAt(message, place, { value, how: 'replace' })
}

function valueAt(value: fc.JsonValue, place: Place): fc.JsonValue {
  return place.reduce((at, key) => (at as Record<string | number, fc.JsonValue>)[key] ?? null, value)
}

function extremesFor(value: fc.JsonValue): fc.JsonValue[] {
  if (typeof value === 'number') return [2 ** 31, Number.MAX_SAFE_INTEGER]
  const isDate = typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)
  return isDate ? ['0000-01-01T00:00:00Z', '0001-01-01T00:00:00+12:00', '9999-12-31T23:59:59-12:00'] : []
}

/** No poll may be held, or chance would decide how long this takes. */
function unheld(message: fc.JsonValue): fc.JsonValue {
  const holds = typeof message === 'object' && message !== null && 'holdMs' in message
  return holds && typeof message.holdMs === 'number' && message.holdMs > 0
    ? { ...message, holdMs: 0 }
    : message
}

function expectPlain(answer: Answer, sent: unknown): void {
  const seen = { sent, status: answer.status, body: answer.body }
  if (answer.status < 300) return
  expect(answer.status, JSON.stringify(seen)).toBeLessThan(500)
  const { error } = AgentError.parse(answer.body)
  expect(error.message, JSON.stringify(seen)).toMatch(/\w{2,}/)
  expect(error.message, JSON.stringify(seen)).not.toMatch(
    /\bundefined\b|\[object|violates|syntax error|\bselect\b/i,
  )
}

/** A node that holds a task, so that reports of one come past the first look. */
async function aBusyNode(): Promise<{ node: TestNode; known: [string, string][] }> {
  const node = await world.enrol()
  const runtimeId = world.runtime.id
  const address = { type: 'FileServer' as const, host: '/data' }
  const store = {
    linkedServiceId: crypto.randomUUID(),
    linkedServiceName: 'files',
    runtimeId,
    address,
    credentialVersion: 0,
  }
  await world.db.transaction((tx) =>
    enqueueTasks(tx, [{ runtimeId, spec: { kind: 'testConnection', store }, interactive: true }]),
  )
  const { body } = await node.poll()
  const [task] = (body as { tasks: { taskId: string; epoch: number }[] }).tasks
  if (!task) throw new Error('No task was handed out')
  return {
    node,
    known: [
      ['0b0e6c0e-6f3f-4c8e-9a52-3a1c5f1d2e51', task.taskId],
      ['1795341600001', String(task.epoch)],
    ],
  }
}

function withReal(message: fc.JsonValue, known: [string, string][]): string {
  return known.reduce((text, [golden, real]) => text.replaceAll(golden, real), JSON.stringify(message))
}

// Hundreds of requests, whatever else the machine does.
describe.each(names)('%s', { timeout: 600_000 }, (name) => {
  const { path } = endpoints[name]
  const messages = golden.filter(({ file }) => file.startsWith(`${name}.`))

  test('answers any JSON with a message or a plain 4xx', async () => {
    const node = await world.enrol()
    await fc.assert(
      fc.asyncProperty(junk, async (message) => {
        expectPlain(await node.send(path, JSON.stringify(unheld(message))), message)
      }),
      runs,
    )
  })

  test.each(messages)(
    'answers $file, changed at any place, with a message or a plain 4xx',
    async ({ message }) => {
      let { node, known } = await aBusyNode()
      await fc.assert(
        fc.asyncProperty(mutated(message), async (changed) => {
          const answer = await node.send(path, withReal(unheld(changed), known))
          expectPlain(answer, changed)
          // It took itself out: the next message comes from another.
          if (answer.status === 403 || name === 'unregister') ({ node, known } = await aBusyNode())
        }),
        runs,
      )
    },
  )

  test.each(messages)(
    'answers $file, with numbers and dates that no column holds, with a message or a plain 4xx',
    async ({ message }) => {
      let { node, known } = await aBusyNode()
      for (const changed of withExtremes(message)) {
        const answer = await node.send(path, withReal(unheld(changed), known))
        expectPlain(answer, changed)
        if (answer.status === 403) ({ node, known } = await aBusyNode())
      }
    },
  )

  test('answers bytes that are no text with a plain 4xx', async () => {
    const node = await world.enrol()
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
        const answer = await node.send(path, bytes)
        expectPlain(answer, [...bytes])
        expect(answer.status).toBeGreaterThanOrEqual(400)
      }),
      runs,
    )
  })

  test('answers any signature headers with a plain 401', async () => {
    const node = await world.enrol()
    const text = fc.string({ unit: 'grapheme-ascii', maxLength: 300 })
    const header = fc.constantFrom('signature', 'signature-input', 'content-digest')
    await fc.assert(
      fc.asyncProperty(header, text, async (wrong, value) => {
        const answer = await node.send(path, '{}', { headers: (headers) => (headers[wrong] = value) })
        expect(answer.status, value).toBe(401)
        expectPlain(answer, value)
      }),
      runs,
    )
  })
})
