import { mkdir, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { copySpec, prepare, runCopy } from '../../testing/copy-harness.ts'
import { databaseAndFolder } from '../../testing/file-copies.ts'
import { fileContext, filesSource } from '../../testing/file-ends.ts'
import { rowsOf } from '../../testing/table-copies.ts'
import { tableSink } from '../../testing/table-ends.ts'

const ends = databaseAndFolder()

let copies = 0
type Files = Record<string, string | Buffer>
type Csv = { delimiter: string; quote: string; header: boolean; nullText: string }

/** A copy of these files, in a folder of their own, to a new table. */
async function load(files: Files, change: { format?: 'csv' | 'jsonl'; csv?: Partial<Csv> } = {}) {
  copies += 1
  const { format = 'csv', csv } = change
  const [own, table] = [`files${copies}`, `table${copies}`]
  await mkdir(`${ends.folder.path}/${own}`)
  for (const [name, text] of Object.entries(files))
    await writeFile(`${ends.folder.path}/${own}/${name}`, text)
  const source = {
    ...filesSource({ store: ends.folder.store, folder: own }, format),
    ...(csv && { csv: { delimiter: ',', quote: '"', header: true, nullText: '', ...csv } }),
  }
  return {
    copy: copySpec({ source, sink: tableSink(ends.database, table) }),
    table,
    ctx: fileContext([ends.folder]),
  }
}

test.each([
  ['latin1', Buffer.from('id,prénom\n1,x\n', 'latin1'), 'not UTF-8'],
  ['utf16', Buffer.from('\uFEFFid,name\r\n1,x\r\n', 'utf16le'), 'UTF-16'],
  ['a note to spreadsheets', 'sep=;\r\nid;name\r\n1;x\r\n', 'sep=…'],
  ['a NUL', 'id,na\0me\n1,x\n', 'NUL'],
  ['carriage returns alone', 'id,name\r1,a\r2,b\r', 'carriage return'],
  ['carriage returns alone behind quotes', '"id","name"\r"1","a"\r', 'carriage return'],
])('a header with %s is refused before anything is copied', async (_, text, reason) => {
  const { copy, ctx } = await load({ 'a.csv': text })
  const failure = await prepare(copy, ctx).catch((error: unknown) => error)
  expect(String(failure)).toContain(reason)
  expect(failure).toMatchObject({ retryable: false })
})

test('text that is not UTF-8 is said to be so, not to be of a wrong type', async () => {
  const { copy, ctx } = await load({ 'a.csv': Buffer.from('id,name\n1,é\n', 'latin1') })
  await expect(runCopy(copy, ctx)).rejects.toThrow('UTF-8')
})

test('blank lines before the header are no header', async () => {
  const { copy, table, ctx } = await load({ 'a.csv': '\r\n\nid,name\n1,a\n' })
  await runCopy(copy, ctx)
  expect(await rowsOf(ends.database, table)).toEqual(['(1,a)'])
})

test.each(['csv', 'jsonl'] as const)('an empty file of %s among others holds no rows', async (format) => {
  const text = { csv: 'id,name\n1,a\n', jsonl: '{"id":1,"name":"a"}\n' }[format]
  const { copy, table, ctx } = await load({ a: '', b: text, c: '\n', d: '' }, { format })
  const { receipt } = await runCopy(copy, ctx)
  expect(receipt.rowsRead).toBe('1')
  expect(await rowsOf(ends.database, table)).toEqual(['(1,a)'])
})

test('lines of JSON without any key leave nothing to copy', async () => {
  const { copy, ctx } = await load({ a: '{}\n{}\n' }, { format: 'jsonl' })
  await expect(prepare(copy, ctx)).rejects.toMatchObject({ code: 'schema_mismatch' })
})

test.each<[string, Partial<Csv>]>([
  ['a delimiter that is no ASCII', { delimiter: 'é' }],
  ['a delimiter that is the quote', { quote: ',' }],
  ['a delimiter that ends lines', { delimiter: '\n' }],
  ['a NULL text with the delimiter in it', { nullText: 'a,b' }],
])('%s is refused before anything is read', async (_, csv) => {
  const { copy, ctx } = await load({ a: 'id,name\n1,a\n' }, { csv })
  await expect(prepare(copy, ctx)).rejects.toMatchObject({ code: 'schema_mismatch' })
})

test('a NULL text of many bytes is found as well as a short one', async () => {
  const nullText = '„nichts“'.repeat(4)
  const { copy, table, ctx } = await load({ a: `id,name\n1,${nullText}\n2,x\n` }, { csv: { nullText } })
  await runCopy(copy, ctx)
  expect(await rowsOf(ends.database, table)).toEqual(['(1,)', '(2,x)'])
})
