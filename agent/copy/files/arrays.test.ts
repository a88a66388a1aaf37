import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { CopyPlan, CopySpec, FileFormat } from '../../../lib/protocol/copy-plan.ts'
import { copySpec, runCopy } from '../../testing/copy-harness.ts'
import { databaseAndFolder } from '../../testing/file-copies.ts'
import { duckRows, fileContext, filesSink, openDuckDb } from '../../testing/file-ends.ts'
import { tableSource } from '../../testing/table-ends.ts'

const ends =
  databaseAndFolder(`CREATE TABLE bounds (a int[], t text[], j jsonb); INSERT INTO bounds VALUES ('[0:2]={1,2,3}', '[5:5]={x}', 'null');
     CREATE TABLE several (a int[], b int[][]); INSERT INTO several VALUES ('{1,2}', '[0:0][2:3]={{1,2}}')`)

async function copyOf(
  table: string,
  format: FileFormat,
  rest: Pick<CopySpec, 'mapping'> = {},
): Promise<CopyPlan> {
  const sink = filesSink({ store: ends.folder.store, fileName: table }, { format, compression: 'none' })
  const copy = copySpec({ source: tableSource(ends.database, table), sink }, rest)
  return (await runCopy(copy, fileContext([ends.folder]))).plan
}

test('JSON lines: what is not kept of arrays and of JSON itself is said before the copy starts', async () => {
  const mapping = [
    { source: 'a', sink: 'a' },
    { source: 't', sink: 't', sinkType: 'text' },
    { source: 'j', sink: 'j' },
  ]
  const { columns } = await copyOf('bounds', 'jsonl', { mapping })
  expect(columns.map(({ lossy }) => lossy)).toEqual([
    'the index of an array begins at 1 again',
    undefined,
    'JSON null and SQL NULL become the same',
  ])
  expect(await readFile(join(ends.folder.path, 'bounds.jsonl'), 'utf8')).toBe(
    '{"a":[1,2,3],"t":"[5:5]={x}","j":null}\n',
  )
})

test('CSV keeps arrays as the server writes them', async () => {
  const { columns, warnings } = await copyOf('bounds', 'csv')
  expect([warnings, columns.filter(({ lossy }) => lossy)]).toEqual([[], []])
  expect(await readFile(join(ends.folder.path, 'bounds.csv'), 'utf8')).toBe(
    'a,t,j\n"[0:2]={1,2,3}",[5:5]={x},null\n',
  )
})

test('Parquet: arrays that would stop the copy are told of beforehand; those declared with several dimensions are text', async () => {
  const { warnings } = await copyOf('several', 'parquet')
  expect(warnings).toEqual([
    'Column “a”: an array of several dimensions, or whose index does not begin at 1, stops the copy: map it to text.',
  ])
  const file = `'${ends.folder.path}/several.parquet'`
  const [row] = await duckRows(await openDuckDb(), `SELECT a::text AS a, b FROM ${file}`)
  expect(row).toEqual({ a: '[1, 2]', b: '[0:0][2:3]={{1,2}}' })
})
