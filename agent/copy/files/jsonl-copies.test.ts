import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { CopySpec } from '../../../lib/protocol/copy-plan.ts'
import { copySpec, prepare, runCopy } from '../../testing/copy-harness.ts'
import { databaseAndFolder } from '../../testing/file-copies.ts'
import { fileContext, filesSink, filesSource } from '../../testing/file-ends.ts'
import { rowsOf } from '../../testing/table-copies.ts'
import { tableSink, tableSource } from '../../testing/table-ends.ts'

const ends = databaseAndFolder(`
    CREATE TABLE odd (id int PRIMARY KEY, t text, n numeric, f float8, at timestamptz, j json, jb jsonb, a int[], ta text[], ja jsonb[],
      b bytea, ok boolean, big bigint, "odd ""ké\\y" text);
    INSERT INTO odd VALUES
      (1, '', 12345678901234567890.000000000000001, 'NaN', '2020-01-01 10:00+02', '{"x":  [1,\n 2]}', '{"y": 1.50}', '{1,NULL,3}',
       ARRAY['a"b', NULL, 'NULL', '', 'c,d\\e'], ARRAY['{"q": "\\""}'::jsonb, '"s"', NULL], '\\x00ff', true, 9223372036854775807, 'v'),
      (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
      (3, E'line\\nbreak \\t "q" \\\\ é 🛩️', 0.10, '-Infinity', 'infinity', '"s"', '[]', '{{1,2},{3,4}}', '{}', '{}', '', false, 0, '')`)

type Rest = Partial<Pick<CopySpec, 'mapping' | 'options'>>
const levels = ['stream', 'content'] as const

function toFile(fileName: string, compression: 'none' | 'zstd' = 'none'): CopySpec {
  const sink = filesSink(
    { store: ends.folder.store, folder: 'lake', fileName },
    { format: 'jsonl', compression },
  )
  return copySpec({ source: tableSource(ends.database, 'odd'), sink })
}

function toTable(path: string, to: string, rest: Rest = {}): CopySpec {
  const [fileName = '', ...folders] = path.split('/').toReversed()
  const folder = ['lake', ...folders.toReversed()].join('/')
  const source = filesSource({ store: ends.folder.store, folder, fileName }, 'jsonl')
  return copySpec({ source, sink: tableSink(ends.database, to) }, rest)
}

const put = (name: string, content: string) => writeFile(join(ends.folder.path, 'lake', name), content)

test.each(['none', 'zstd'] as const)(
  'a table and its JSON lines (%s) hold the same rows, both ways',
  async (compression) => {
    const { receipt } = await runCopy(toFile(`odd-${compression}`, compression), fileContext([ends.folder]))
    expect(receipt).toMatchObject({
      rowsWritten: '3',
      canonicalForm: 'json',
      sinkDigest: receipt.sourceDigest,
    })
    for (const verification of levels) {
      const to = `back_${compression}_${verification}`
      await ends.database.client.query(`CREATE TABLE ${to} (LIKE odd)`)
      const back = await runCopy(
        toTable(`odd-${compression}*`, to, { options: { verification } }),
        fileContext([ends.folder]),
      )
      expect(back.receipt).toMatchObject({ rowsWritten: '3', sinkDigest: back.receipt.sourceDigest })
      await ends.database.client.query(`UPDATE odd SET j = replace(j::text, E'\\n', ' ')::json`)
      expect(await rowsOf(ends.database, to)).toEqual(await rowsOf(ends.database, 'odd'))
    }
  },
)

test('lines are JSON that any reader parses, with numbers exact', async () => {
  await runCopy(toFile('plain'), fileContext([ends.folder]))
  const lines = (await readFile(join(ends.folder.path, 'lake', 'plain.jsonl'), 'utf8')).trim().split('\n')
  expect(lines).toHaveLength(3)
  expect(lines[0]).toContain('"n":12345678901234567890.000000000000001,"f":"NaN"')
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    b: '\\x00ff',
    at: '2020-01-01T08:00:00+00:00',
    a: [1, null, 3],
    'odd "ké\\y': 'v',
  })
  expect(JSON.parse(lines[1] ?? '')).toMatchObject({ id: 2, t: null, j: null })
})

test.each(levels)(
  'foreign lines: any key order, blanks, escapes and missing keys, at level %s',
  async (verification) => {
    await put(
      'foreign.jsonl',
      '\uFEFF { "b" : "\\u00e9\\ud83d\\udee9\\/" , "\\u0061" : 1e2 }\r\n\n{"a":-0.5}\n{"b":null,"a":7,"b":"last"}',
    )
    const to = `foreign_${verification}`
    await ends.database.client.query(`CREATE TABLE ${to} (a numeric, b text)`)
    await runCopy(toTable('foreign.jsonl', to, { options: { verification } }), fileContext([ends.folder]))
    expect(await rowsOf(ends.database, to)).toEqual(['(-0.5,)', '(100,é🛩/)', '(7,last)'])
  },
)

test('a new table gets types that hold the values of the first lines', async () => {
  await put(
    'fresh.jsonl',
    '{"i":1,"s":"x","o":{"k":[1]},"y":true,"m":1}\n{"i":2.5,"s":null,"o":[],"y":null,"m":"two"}\n',
  )
  await runCopy(toTable('fresh.jsonl', 'fresh'), fileContext([ends.folder]))
  const { rows } = await ends.database.client.query(
    "SELECT attname || ' ' || format_type(atttypid, atttypmod) AS c FROM pg_attribute WHERE attrelid = 'fresh'::regclass AND attnum > 0 ORDER BY attnum",
  )
  expect(rows.map(({ c }) => c)).toEqual(['i numeric', 's text', 'o jsonb', 'y boolean', 'm text'])
  expect(await rowsOf(ends.database, 'fresh')).toEqual(['(1,x,"{""k"": [1]}",t,1)', '(2.5,,[],,two)'])
})

/** Files of one folder, the others of which do not matter. */
async function putAll(folder: string, files: Record<string, string>) {
  await mkdir(join(ends.folder.path, 'lake', folder), { recursive: true })
  for (const [name, text] of Object.entries(files)) await put(`${folder}/${name}`, text)
}

test('a new table gets types that hold the first values of all files', async () => {
  await putAll('several', {
    '1.jsonl': '{"a":1,"b":null,"c":null,"d":true}\n',
    '2.jsonl': '{"a":2,"b":5,"c":null,"d":{}}\n',
    '3.jsonl': '{"a":"x","b":null,"c":null,"d":null}\n',
  })
  const { plan } = await runCopy(toTable('several/*', 'several'), fileContext([ends.folder]))
  expect(plan.columns.map(({ sink }) => sink.type)).toEqual(['text', 'numeric', 'text', 'jsonb'])
  expect(plan.warnings).toEqual([])
  expect(await rowsOf(ends.database, 'several')).toEqual(['(1,,,true)', '(2,5,,{})', '(x,,,)'])
})

test.each(levels)('a key that a whole file does not have is NULL in its rows, at level %s', async (level) => {
  const name = `sparse_${level}`
  await putAll(name, {
    '1.jsonl': '{"id":1,"a":"x"}\n',
    '2.jsonl': '{"id":2,"b":5}\n',
    '3.jsonl': '{"a":"y","id":3,"b":null}\n',
  })
  await runCopy(toTable(`${name}/*`, name, { options: { verification: level } }), fileContext([ends.folder]))
  expect(await rowsOf(ends.database, name)).toEqual(['(1,x,)', '(2,,5)', '(3,y,)'])
  const mapping = [
    { source: 'id', sink: 'id' },
    { source: 'a', sink: 'a' },
  ]
  const unseen = prepare(toTable(`${name}/*`, `${name}_mapped`, { mapping }), fileContext([ends.folder]))
  await expect(unseen).rejects.toThrow('2.jsonl” has column “b”, but “lake/')
})

const manyLines = '{"a":1}\n'.repeat(150_000)
const sampled =
  'The new table has types for the values in the first 1 MiB of one file: where values of other types may follow, choose the type in the mapping.'

test.each([
  [
    'stream',
    '(column a, row 150002 of the chunk). The chunk begins at row 1 of file “lake/late_stream/1.jsonl”.',
  ],
  ['content', 'It was making “a” to numeric: choose another type for the column whose values differ.'],
] as const)('a value that does not fit behind the beginning is placed at level %s', async (level, reason) => {
  await putAll(`late_${level}`, { '1.jsonl': `{"a":0}\n${manyLines}{"a":"canary"}\n` })
  const copy = toTable(`late_${level}/*`, `late_${level}`, { options: { verification: level } })
  expect((await prepare(copy, fileContext([ends.folder]))).warnings).toEqual([sampled])
  const failure = await runCopy(copy, fileContext([ends.folder])).catch((error: unknown) => error)
  expect(failure).toMatchObject({ code: 'invalid_data', side: 'sink' })
  expect(String(failure)).toContain(reason)
  expect(String(failure)).not.toContain('canary')
})

test.each([
  ['a line that is no object', '{"a":1}\n[2]\n', 'not one JSON object'],
  ['a line that is cut off', `${'{"a":1}\n'.repeat(200_000)}{"a":"x\n`, 'row 200001 is not one JSON object'],
  [
    'a key that appears late',
    `${'{"a":1}\n'.repeat(200_000)}{"z":1}\n`,
    'a key that the beginning of the file does not have',
  ],
  [
    'half a surrogate pair',
    `${'{"a":1}\n'.repeat(200_000)}{"a":"\\ud800"}\n`,
    'row 200001 has text that PostgreSQL cannot hold',
  ],
])('%s is named by its number, not its contents', async (_, content, reason) => {
  await put('wrong.jsonl', content)
  await expect(runCopy(toTable('wrong.jsonl', 'wrong'), fileContext([ends.folder]))).rejects.toThrow(reason)
})

test('a row that is too long for a line is refused when it is written, by the name of its table', async () => {
  await ends.database.client.query("CREATE TABLE long AS SELECT repeat('x', 128 << 20) AS t")
  const sink = filesSink(
    { store: ends.folder.store, folder: 'long' },
    { format: 'jsonl', compression: 'none' },
  )
  const copy = copySpec({ source: tableSource(ends.database, 'long'), sink })
  await expect(runCopy(copy, fileContext([ends.folder]))).rejects.toMatchObject({
    code: 'invalid_data',
    side: 'source',
    message:
      'A row of public.long is too long for the file: a line of JSON may have 128 MB. Leave its large columns out of the mapping, or copy to Parquet.',
  })
}, 120_000)
