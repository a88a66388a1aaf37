import { expect, test } from 'vitest'
import { CsvRecords } from './csv-records.ts'
import { JsonLines } from './json-lines.ts'
import { TextRows } from './text-rows.ts'

/** Read from its beginning at every piece, a terabyte would pass by: no test would wait for that. */
const pieces = 1 << 16
const piece = Buffer.alloc(512, 'x')
const value = pieces * piece.length

test('a CSV record of many pieces is looked at a few times only', () => {
  const marks = { delimiter: ',', quote: '"', nullText: '' }
  const records = new CsvRecords({ ...marks, columns: 1, output: 'raw' })
  let out = 0
  const take = (bytes: Uint8Array) => void (out += bytes.length)
  records.push(Buffer.from('"'), take)
  for (let index = 0; index < pieces; index += 1) records.push(piece, take)
  records.push(Buffer.from('"\n"next"\n"cut'), take)
  records.flush(take)
  expect(out).toBe(value + 3 + 7)
  expect(records.digest().rows).toBe(2n)
  expect(records.isInRecord).toBe(true)
})

test('a JSON line of many pieces is looked at a few times only', () => {
  const lines = new JsonLines({
    names: ['a'],
    select: [{ name: 'a', form: 'text' }],
    output: 'csv',
    isStrict: true,
  })
  let out = 0
  const take = (bytes: Uint8Array) => void (out += bytes.length)
  lines.push(Buffer.from('{"a":"'), take)
  for (let index = 0; index < pieces; index += 1) lines.push(piece, take)
  lines.push(Buffer.from('"}\n{"a":"next"}'), take)
  lines.end(take)
  expect(lines.digest().rows).toBe(2n)
  expect(out).toBeGreaterThan(value)
})

test('a row of text in many pieces is looked at a few times only', () => {
  const rows = new TextRows()
  for (let index = 0; index < pieces; index += 1) rows.push(piece)
  rows.push(Buffer.from('\nnext\n'))
  expect(rows.digest().rows).toBe(2n)
})
