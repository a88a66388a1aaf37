import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { JsonLineError, JsonLines, type JsonLinesOptions } from './json-lines.ts'

const names = ['a', 'b"\\', 'é🛩️', 'list']
const scalar = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom('NULL', '"', '\\', '\n\t', '{}', ',', 'x\\"y'),
)
const object = fc.record(
  {
    a: scalar,
    'b"\\': scalar,
    'é🛩️': scalar,
    list: fc.oneof(fc.constant(null), fc.array(scalar, { maxLength: 5 })),
  },
  { requiredKeys: [] },
)
type Value = string | number | boolean | null
type Line = Partial<Record<string, Value | Value[]>>

test('lines become the CSV records that a parser of JSON would make, wherever the text is cut', () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 })
  fc.assert(
    fc.property(fc.array(object, { maxLength: 12 }), cuts, fc.boolean(), (found, lengths, isEscaped) => {
      const objects: Line[] = found
      const text = objects.map((each) => lineOf(each, isEscaped)).join('')
      const expected = objects.map((each) => `${names.map((name) => csvField(each[name])).join(',')}\n`)
      expect(decode(text, lengths)).toEqual({ text: expected.join(''), rows: objects.length })
    }),
  )
})

test('the digest is that of the values, not of blanks, of the order of keys or of the cuts', () => {
  fc.assert(
    fc.property(fc.array(object, { maxLength: 12 }), (objects) => {
      const plain = objects.map((each) => `${JSON.stringify(each)}\n`).join('')
      const turned = objects.map((each) => {
        const pairs = Object.entries(each).toReversed()
        return ` { ${pairs.map(([key, value]) => `${JSON.stringify(key)} :\t${JSON.stringify(value)}`).join(' , ')} } \r\n`
      })
      expect(digestOf(turned.join(''), [7])).toEqual(digestOf(plain, [1000]))
    }),
  )
})

test.each([
  ['a backslash before the line end', '{"a":"x\\\n"}\n'],
  ['a backslash at the end of the file', '{"a":"x\\'],
  ['an open string', '{"a":"x\n'],
  ['an open list', '{"list":[1\n'],
  ['text behind the object', '{"a":1} 2\n'],
  ['a key without a value', '{"a":}\n'],
])('%s ends with the number of the row', (_, wrong) => {
  const ask = (): unknown => decode(`{"a":1}\n${wrong}`, [5])
  expect(ask).toThrow(JsonLineError)
  expect(ask).toThrow('row 2 is not one JSON object')
})

const pieces = [
  ...Array.from('{}[]:,"-+.0127eEx \\u'),
  'true',
  'false',
  'null',
  '"a"',
  '"list"',
  '1e5',
  '-0.5',
  '\\"',
] as const
const jsonText = fc.json({ maxDepth: 4 })

test('a line is taken where a parser of JSON takes it, and refused where that refuses it', () => {
  const text = fc.oneof(
    fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((found) => found.join('')),
    jsonText,
    fc
      .tuple(jsonText, fc.nat(100), fc.constantFrom('', ...pieces))
      .map(([json, at, piece]) => json.slice(0, at) + piece + json.slice(at + 1)),
  )
  const taken: Record<string, number> = { true: 0, false: 0 }
  fc.assert(
    fc.property(text, (value) => {
      const line = `{"a":${value}}`
      const isTaken = tried(() => digestOf(`${line}\n`, [1000], { isStrict: false }).rows === 1n)
      taken[String(isTaken)] = (taken[String(isTaken)] ?? 0) + 1
      expect(isTaken).toBe(tried(() => JSON.parse(line) instanceof Object))
    }),
    { numRuns: 3000 },
  )
  expect(Math.min(...Object.values(taken))).toBeGreaterThan(300)
})

test.each([
  ['a word', 'hello'],
  ['a number that goes on', '12x'],
  ['a list without a comma', '[1 2]'],
  ['brackets that do not fit', '[{"b":1]}'],
  ['an escape that JSON does not know', String.raw`"\x"`],
  ['more levels than PostgreSQL reads', '['.repeat(70_000) + ']'.repeat(70_000)],
])('%s is not JSON', (_, value) => {
  expect(() => decode(`{"a":${value}}\n`, [1000])).toThrow('row 1 is not one JSON object')
})

function tried(ask: () => boolean): boolean {
  try {
    return ask()
  } catch {
    return false
  }
}

function lineOf(value: Line, isEscaped: boolean): string {
  const text = JSON.stringify(value)
  if (!isEscaped) return `${text}\n`
  return `${text.replace(/[^ -~]/gu, (found) =>
    found
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  )}\n`
}

/** Null and what is missing are the empty field; lists become PostgreSQL's array literals. */
function csvField(value: Value | Value[] | undefined): string {
  if (value === null || value === undefined) return ''
  const text = Array.isArray(value) ? `{${value.map(element).join(',')}}` : String(value)
  return `"${text.replaceAll('"', '""')}"`
}

function element(value: Value): string {
  return typeof value === 'string' ? `"${value.replaceAll(/["\\]/g, '\\$&')}"` : String(value)
}

function run(
  options: Pick<JsonLinesOptions, 'output'> & Partial<JsonLinesOptions>,
  text: string,
  lengths: readonly number[],
) {
  const select = names.map((name) => ({ name, form: name === 'list' ? 'array' : 'text' }) as const)
  const lines = new JsonLines({ names, select, isStrict: true, ...options })
  const out: Buffer[] = []
  const take = (bytes: Uint8Array): void => void out.push(Buffer.from(bytes))
  const bytes = Buffer.from(text)
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const length = lengths[turn % lengths.length] ?? 1
    lines.push(bytes.subarray(at, at + length), take)
    at += length
  }
  lines.end(take)
  return { out: Buffer.concat(out), digest: lines.digest() }
}

function decode(text: string, lengths: readonly number[]): { text: string; rows: number } {
  const { out, digest } = run({ output: 'csv' }, text, lengths)
  return { text: out.toString(), rows: Number(digest.rows) }
}

function digestOf(text: string, lengths: readonly number[], more: Partial<JsonLinesOptions> = {}) {
  return run({ output: 'values', ...more }, text, lengths).digest
}
