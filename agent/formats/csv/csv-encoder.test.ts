import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { to as copyTo } from 'pg-copy-streams'
import { CopyFrameScanner } from '../../digest/copy-frame-scanner.ts'
import { CsvRecords } from '../../digest/csv-records.ts'
import { createTestDatabase, type TestDatabase } from '../../testing/copy-harness.ts'
import { CsvEncoder } from './csv-encoder.ts'
import { csvCopyOptions, type CsvOptions } from './csv-options.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase(inject('postgresUrl'))
})
afterAll(() => database.drop())

const plain: CsvOptions = { delimiter: ',', quote: '"', header: false, nullText: '' }
const dialects: CsvOptions[] = [
  plain,
  { ...plain, delimiter: '\t', nullText: String.raw`\N` },
  { ...plain, delimiter: ';', quote: "'", nullText: 'NULL' },
  { ...plain, delimiter: 'N', quote: '\\', nullText: 'é'.repeat(32) },
  { ...plain, delimiter: '\\', quote: 'b', nullText: '.' },
  { ...plain, delimiter: '|', quote: '\t', nullText: 'none' },
]
const text = fc.string({
  unit: fc.constantFrom(
    'a',
    'b',
    'N',
    '.',
    ',',
    ';',
    '|',
    '"',
    "'",
    '\\',
    '\b',
    '\f',
    '\n',
    '\r',
    '\t',
    '\v',
    'é',
    '🛩',
  ),
  maxLength: 60,
})
const special = fc.constantFrom(null, '', String.raw`\N`, String.raw`\.`, 'NULL', 'none', '.', 'é'.repeat(32))
const field = fc.oneof({ weight: 2, arbitrary: special }, { weight: 3, arbitrary: text })
const tables = fc.integer({ min: 1, max: 9 }).chain((columns) =>
  fc.record({
    columns: fc.constant(columns),
    rows: fc.array(fc.array(field, { minLength: columns, maxLength: columns }), {
      minLength: 1,
      maxLength: 20,
    }),
  }),
)

async function serverCopy(options: string): Promise<Buffer> {
  const stream = database.client.query(copyTo(`COPY written TO STDOUT (${options})`))
  return Buffer.concat(await stream.toArray())
}

async function fill(columns: number, rows: (string | null)[][]): Promise<void> {
  const names = Array.from({ length: columns }, (_, index) => `c${index}`)
  await database.client.query('DROP TABLE IF EXISTS written')
  await database.client.query(`CREATE TABLE written (${names.map((name) => `${name} text`).join()})`)
  for (const row of rows)
    await database.client.query(
      `INSERT INTO written VALUES (${names.map((_, at) => `$${at + 1}`).join()})`,
      row,
    )
}

async function encode(rows: Buffer, { columns, csv }: { columns: number; csv: CsvOptions }): Promise<Buffer> {
  const out: Buffer[] = []
  const encoder = new CsvEncoder({
    columns: Array.from({ length: columns }, (_, index) => ({
      name: `c${index}`,
      typeOid: 25,
      typmod: -1,
      type: 'text',
      nullable: true,
    })),
    options: { csv },
    write: async (bytes) => void out.push(Buffer.from(bytes)),
  })
  await encoder.write(rows)
  await encoder.finish()
  return Buffer.concat(out)
}

/** The digest of the rows of text as COPY sends them, one message each. */
function digestRows(rows: Buffer) {
  const scanner = new CopyFrameScanner('text')
  for (let at = 0; at < rows.length;) {
    const end = rows.indexOf('\n', at) + 1
    const head = Buffer.alloc(5, 'd')
    head.writeUInt32BE(end - at + 4, 1)
    scanner.scan(Buffer.concat([head, rows.subarray(at, end)]))
    at = end
  }
  return scanner.digest()
}

test.each(dialects)(
  "text becomes the server's own CSV, and reads back as the same text: %j",
  async (csv) => {
    await fc.assert(
      fc.asyncProperty(tables, async ({ columns, rows }) => {
        await fill(columns, rows)
        const [sent, wanted] = [await serverCopy('FORMAT text'), await serverCopy(csvCopyOptions(csv))]
        const encoded = await encode(sent, { columns, csv })
        expect(String(encoded)).toBe(String(wanted))
        const select = Array.from({ length: columns }, (_, index) => index)
        const records = new CsvRecords({ ...csv, columns, output: 'raw', digest: 'text', select })
        for (let at = 0; at < encoded.length; at += 50) records.push(encoded.subarray(at, at + 50), () => {})
        records.end(() => {})
        expect(records.digest()).toEqual(digestRows(sent))
      }),
      { numRuns: 40 },
    )
  },
  120_000,
)

test('a row larger than any before it makes room for itself, and one of many fields too', async () => {
  const long = Buffer.from(`${'x"'.repeat(600_000)}\t\\N\n`)
  const csv = { ...plain, nullText: 'nothing at all' }
  const encoded = await encode(long, { columns: 2, csv })
  expect(encoded.equals(Buffer.from(`"${'x""'.repeat(600_000)}",nothing at all\n`))).toBe(true)
  const wide = Buffer.from(
    `${String.raw`\N`}${String.raw`\t\N`.replace(String.raw`\t`, '\t').repeat(1599)}\n`,
  )
  const nulls = await encode(wide, { columns: 1600, csv })
  expect(String(nulls)).toBe(`${Array.from({ length: 1600 }, () => 'nothing at all').join()}\n`)
})

test.each([
  [{ delimiter: '"' }, 'It must differ from the delimiter'],
  [{ delimiter: '\n' }, 'no line end'],
  [{ quote: 'é' }, 'ASCII'],
  [{ nullText: 'a,b' }, 'without the delimiter'],
])('marks that no CSV can have are refused before a row is written: %j', async (odd, message) => {
  await expect(encode(Buffer.from('1\n'), { columns: 1, csv: { ...plain, ...odd } })).rejects.toThrow(message)
})
