import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { CopyFrameScanner } from './copy-frame-scanner.ts'
import type { RowDigest } from './row-digest.ts'
import { TextRows } from './text-rows.ts'

type Row = (string | null)[]

const field = fc.option(
  fc.string({
    unit: fc.constantFrom('a', 'N', 'é', '🛩', '\\', '\b', '\f', '\n', '\r', '\t', '\v', ' '),
    maxLength: 40,
  }),
  { freq: 5 },
)
const tables = fc.array(fc.array(field, { minLength: 1, maxLength: 20 }), { maxLength: 30 })

const escapes = [
  ['\\', '\\\\'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
] as const

/** As COPY writes it. */
function textOf(row: Row): string {
  const fields = row.map((value) =>
    value === null
      ? String.raw`\N`
      : escapes.reduce((text, [raw, mark]) => text.replaceAll(raw, mark), value),
  )
  return `${fields.join('\t')}\n`
}

function digestText(rows: readonly Row[], cut: number): RowDigest {
  const digest = new TextRows()
  const text = Buffer.from(rows.map(textOf).join(''))
  for (let at = 0; at < text.length; at += cut) digest.push(text.subarray(at, at + cut))
  return digest.digest()
}

/** The same rows as CopyData messages of binary tuples. */
function digestTuples(rows: readonly Row[]): RowDigest {
  const scanner = new CopyFrameScanner('binary')
  const message = (payload: Buffer) => {
    const head = Buffer.alloc(5, 'd')
    head.writeUInt32BE(payload.length + 4, 1)
    scanner.scan(Buffer.concat([head, payload]))
  }
  message(Buffer.alloc(19))
  for (const row of rows) {
    const parts = row.flatMap((value) => [
      int32(value === null ? -1 : Buffer.byteLength(value)),
      Buffer.from(value ?? ''),
    ])
    message(Buffer.concat([int32(row.length).subarray(2), ...parts]))
  }
  return scanner.digest()
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

test('rows of text digest as the tuples of their fields, however the text is cut', () => {
  fc.assert(
    fc.property(tables, fc.integer({ min: 1, max: 50 }), (rows, cut) => {
      expect(digestText(rows, cut)).toEqual(digestTuples(rows))
    }),
  )
})

test('NULL is told from the same letters as text, and from nothing', () => {
  const digests = [[null], [String.raw`\N`], ['N'], [''], [null, null]].map((row) => digestText([row], 100))
  expect(new Set(digests.map(({ low }) => low)).size).toBe(5)
  expect(digests).toEqual(
    [[null], [String.raw`\N`], ['N'], [''], [null, null]].map((row) => digestTuples([row])),
  )
})

test('a row larger than the window makes it grow, and one of too many fields harms nothing', () => {
  const rows = [
    ['x\n\\'.repeat(400_000), '2'],
    ['1', null],
  ]
  expect(digestText(rows, 65_536)).toEqual(digestTuples(rows))
  const wide = new TextRows()
  wide.push(Buffer.from(`${'\t'.repeat(250_000)}\n`))
  wide.push(Buffer.from(textOf(['1', null])))
  expect(wide.digest().rows).toBe(2n)
})
