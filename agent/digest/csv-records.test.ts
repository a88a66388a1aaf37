import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { CopyFrameScanner } from './copy-frame-scanner.ts'
import { CsvRecords, type CsvRecordsOptions } from './csv-records.ts'

type Field = { text: string | null; isQuoted: boolean }
const marks = { delimiter: ',', quote: '"', nullText: '' }

const text = fc.string({
  unit: fc.constantFrom('a', 'b', ',', '"', '\n', '\r', ' ', 'é', '🛩', ';', '\\', 'N'),
  maxLength: 40,
})
const field: fc.Arbitrary<Field> = fc.oneof(
  { weight: 1, arbitrary: fc.constant({ text: null, isQuoted: false }) },
  { weight: 5, arbitrary: fc.record({ text, isQuoted: fc.boolean() }) },
)
const lineEnd = fc.constantFrom('\n', '\r\n')
const tableOf = (columns: number) =>
  fc.array(fc.array(field, { minLength: columns, maxLength: columns }), { maxLength: 30 })

function encode({ text, isQuoted }: Field): string {
  if (text === null) return ''
  return isQuoted || text === '' || /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function csvOf(rows: readonly Field[][], end: string): Buffer {
  return Buffer.from(rows.map((row) => row.map(encode).join(',') + end).join(''))
}

function run(
  options: Partial<CsvRecordsOptions>,
  csv: Buffer,
  cut = 1 << 20,
): { out: Buffer; records: CsvRecords } {
  const records = new CsvRecords({ ...marks, columns: 3, output: 'raw', ...options })
  const pieces: Buffer[] = []
  const take = (bytes: Uint8Array) => void pieces.push(Buffer.from(bytes))
  for (let at = 0; at < csv.length; at += cut) records.push(csv.subarray(at, at + cut), take)
  records.end(take)
  return { out: Buffer.concat(pieces), records }
}

/** Reads CopyData messages with binary tuples of text. */
function tuplesOf(messages: Buffer): (string | null)[][] {
  const rows: (string | null)[][] = []
  for (let at = 0; at < messages.length;) {
    const end = at + 1 + messages.readUInt32BE(at + 1)
    const row: (string | null)[] = []
    let p = at + 7
    for (let left = messages.readUInt16BE(at + 5); left > 0; left -= 1) {
      const length = messages.readInt32BE(p)
      p += 4
      row.push(length < 0 ? null : messages.toString('utf8', p, p + length))
      p += Math.max(0, length)
    }
    expect(p).toBe(end)
    rows.push(row)
    at = end
  }
  return rows
}

const values = (rows: readonly Field[][]) => rows.map((row) => row.map(({ text }) => text))

test('tuples hold the fields as PostgreSQL reads them, however the text is cut', () => {
  fc.assert(
    fc.property(tableOf(3), lineEnd, fc.integer({ min: 1, max: 50 }), (rows, end, cut) => {
      const { out, records } = run({ output: 'tuples', select: [0, 1, 2] }, csvOf(rows, end), cut)
      expect(tuplesOf(out)).toEqual(values(rows))
      const scanner = new CopyFrameScanner('binary')
      scanner.scan(Buffer.concat([Buffer.from('6400000017', 'hex'), Buffer.alloc(19), out]))
      expect({ ...records.digest() }).toEqual({ ...scanner.digest() })
    }),
  )
})

test('raw records come out untouched and digest as COPY … TO STDOUT would', () => {
  fc.assert(
    fc.property(tableOf(2), fc.integer({ min: 1, max: 50 }), (rows, cut) => {
      const csv = csvOf(rows, '\n')
      const { out, records } = run({ columns: 2 }, csv, cut)
      expect(out).toEqual(csv)
      const scanner = new CopyFrameScanner('csv')
      for (const row of rows) {
        const line = csvOf([row], '\n')
        const head = Buffer.alloc(5, 'd')
        head.writeUInt32BE(line.length + 4, 1)
        scanner.scan(Buffer.concat([head, line]))
      }
      expect({ ...records.digest() }).toEqual({ ...scanner.digest() })
      expect(records.position).toBe(csv.length)
    }),
  )
})

test('selected fields are reordered, left out and repeated, as CSV and as tuples', () => {
  fc.assert(
    fc.property(tableOf(3), fc.integer({ min: 1, max: 50 }), (rows, cut) => {
      const csv = csvOf(rows, '\r\n')
      const chosen = rows.map((row) => [row[2], row[0], row[2]].filter((each) => each !== undefined))
      expect(run({ output: 'csv', select: [2, 0, 2] }, csv, cut).out).toEqual(csvOf(chosen, '\n'))
      expect(tuplesOf(run({ output: 'tuples', select: [2, 0, 2] }, csv, cut).out)).toEqual(values(chosen))
    }),
  )
})

test('records that pass as CSV can be digested as the tuples of their fields', () => {
  fc.assert(
    fc.property(tableOf(3), lineEnd, fc.integer({ min: 1, max: 50 }), (rows, end, cut) => {
      const csv = csvOf(rows, end)
      for (const [output, select] of [
        ['raw', [0, 1, 2]],
        ['csv', [2, 0, 2]],
      ] as const) {
        const plain = run({ output, select }, csv, cut)
        const { out, records } = run({ output, select, digest: 'tuples' }, csv, cut)
        expect(out).toEqual(plain.out)
        expect({ ...records.digest() }).toEqual({
          ...run({ output: 'tuples', select }, csv, cut).records.digest(),
        })
      }
    }),
  )
})

test('other marks, a NULL text, a byte order mark and a header', () => {
  const csv = Buffer.from("\uFEFFa;b\n'x''y';NULL\n'NULL';\n")
  const options = {
    delimiter: ';',
    quote: "'",
    nullText: 'NULL',
    columns: 2,
    select: [0, 1],
    skip: 1,
    isFileStart: true,
  }
  expect(tuplesOf(run({ ...options, output: 'tuples' }, csv).out)).toEqual([
    ["x'y", null],
    ['NULL', ''],
  ])
  expect(run({ ...options, output: 'raw' }, csv).out.toString()).toBe("'x''y';NULL\n'NULL';\n")
})

test('a byte order mark belongs to the file, and elsewhere to the field', () => {
  const csv = Buffer.from('\uFEFFa,b\n\uFEFFc,d\n')
  expect(run({ columns: 2, isFileStart: true }, csv).out.toString()).toBe('a,b\n\uFEFFc,d\n')
  expect(run({ columns: 2 }, csv).out.equals(csv)).toBe(true)
})

test('the last record may end without a line end, and blank lines are none', () => {
  expect(run({ columns: 2 }, Buffer.from('1,2\n\r\n3,4\n\n\n5,6')).out.toString()).toBe('1,2\n3,4\n5,6\n')
  const single = run({ columns: 1, output: 'tuples', select: [0] }, Buffer.from('a\n\nb'))
  expect(tuplesOf(single.out)).toEqual([['a'], [null], ['b']])
})

test('a record with too few fields and an open quote are named by number', () => {
  const tuples = { columns: 2, output: 'tuples', select: [0, 1] } as const
  expect(() => run(tuples, Buffer.from('1,2\n3\n'))).toThrow('record 2 has 1 fields instead of 2')
  expect(() => run(tuples, Buffer.from('1,2\n"3,4\n5,6\n'))).toThrow(
    'ends inside quotes that begin in or after record 2',
  )
  expect(() => run({ delimiter: '§' }, Buffer.from(''))).toThrow('one ASCII character')
})

test('a record larger than the window makes it grow', () => {
  const large = `"${'x\n""'.repeat(400_000)}",2\n1,2\n`
  const { out, records } = run({ columns: 2, output: 'tuples', select: [0, 1] }, Buffer.from(large), 65_536)
  expect(tuplesOf(out)).toEqual([
    ['x\n"'.repeat(400_000), '2'],
    ['1', '2'],
  ])
  expect(records.digest().rows).toBe(2n)
})
