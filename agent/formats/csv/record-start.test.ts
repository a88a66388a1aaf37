import { expect, test } from 'vitest'
import { findRecordStart } from './record-start.ts'

const plain = { delimiter: ',', quote: '"', columns: 3 }
const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`

/** The true beginnings: every record was made apart. */
function startsOf(records: readonly string[]): Set<number> {
  let at = 0
  return new Set(records.map((record) => (at += Buffer.byteLength(record))))
}

function startBehind(text: string | Buffer, at: number, dialect = plain): number | null {
  const start = findRecordStart(Buffer.from(text).subarray(at), dialect)
  return start === null ? null : at + start
}

test('from any byte of values with quotes, line ends and delimiters it finds a true beginning, or none', () => {
  const records = Array.from({ length: 60 }, (_, index) => {
    const text = `said "${index}"\n, line,\r\n"" ${'é🛩️'.repeat(index % 7)}\n${'x'.repeat(index % 31)}`
    return `${index},${index % 5 === 0 ? '' : quoted(text)},${index % 3 === 0 ? '""' : index}\n`
  })
  const bytes = Buffer.from(records.join(''))
  const starts = startsOf(records)
  let found = 0
  for (let at = 1; at < bytes.length; at += 1) {
    const start = startBehind(bytes, at)
    if (start === null) continue
    found += 1
    expect(starts, `from byte ${at}`).toContain(start)
  }
  // Only near the end there is too little left to tell.
  expect(found).toBeGreaterThan(bytes.length * 0.9)
})

test.each([
  ['lines without quotes', 'cd,e\na,b,c\na,b,c\n', 5],
  ['line ends as Windows writes them', 'c\r\n1,"a",2\r\n3,"b",4\r\n', 3],
  ['blank lines between', 'c\n\n\na,b,c\n\r\na,b,c\n', 2],
  ['values that are all empty quotes', '"",""\n"","",""\n"","",""\n', 6],
  ['a piece that begins inside of quotes', 'a\n1,2,3\n4,5,6",z\nq,"w",e\nr,t,y\n', 17],
])('it tells the beginning: %s', (_, piece, start) => {
  expect(startBehind(piece, 0)).toBe(start)
})

test.each([
  ['one long value without an end', 'x'.repeat(5000)],
  ['no whole record behind the first line end', 'a,b\nc,d'],
  ['records of another number of fields', 'a\nb,c\nd,e\n'],
  ['quotes in the middle of values', 'a\nb"c,d"e,f\nb"c,d"e,f\n'],
  ['nothing', ''],
])('it does not guess: %s', (_, piece) => {
  expect(startBehind(piece, 0)).toBeNull()
})

test('delimiter and quote are those of the file', () => {
  const dialect = { delimiter: ';', quote: "'", columns: 2 }
  expect(startBehind("b';x\n'it''s, \"\n';y\nc;d\n", 0, dialect)).toBe(5)
})
