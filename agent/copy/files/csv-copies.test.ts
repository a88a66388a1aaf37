import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync, zstdDecompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { CopySink, CopySource, CopySpec } from '../../../lib/protocol/copy-plan.ts'
import { copySpec, prepare, publish, runCopy, runParts } from '../../testing/copy-harness.ts'
import { databaseAndFolder } from '../../testing/file-copies.ts'
import { fileContext, filesSink, filesSource } from '../../testing/file-ends.ts'
import { rowsOf } from '../../testing/table-copies.ts'
import { tableSink, tableSource } from '../../testing/table-ends.ts'

const ends = databaseAndFolder(`
    CREATE TABLE odd (id int PRIMARY KEY, t text, n numeric, d date, j jsonb, a int[], b bytea);
    INSERT INTO odd VALUES (1, '', 1.50, '2020-02-29', '{"a": [1]}', '{1,NULL}', '\\x00ff'), (2, NULL, 'NaN', NULL, NULL, '{}', ''),
      (3, E'line\\nbreak, "quoted"', 0.001, 'infinity', 'null', NULL, NULL), (4, '\\.', NULL, NULL, NULL, NULL, NULL),
      (5, 'é 🛩️', 1, '0044-03-15 BC', '"x"', NULL, NULL)`)

type Rest = Partial<Pick<CopySpec, 'mapping' | 'options'>>
const levels = ['stream', 'content'] as const

function toFile(
  fileName: string,
  rest: Partial<Extract<CopySink, { kind: 'files' }>> = {},
  more: Rest = {},
): CopySpec {
  const sink = filesSink({ store: ends.folder.store, folder: 'lake', fileName }, { format: 'csv', ...rest })
  return copySpec({ source: tableSource(ends.database, 'odd'), sink }, more)
}

function toTable(
  fileName: string,
  to: string,
  { csv, ...rest }: Rest & { csv?: Extract<CopySource, { kind: 'files' }>['csv'] } = {},
): CopySpec {
  const source = { ...filesSource({ store: ends.folder.store, folder: 'lake', fileName }, 'csv'), csv }
  return copySpec({ source, sink: tableSink(ends.database, to) }, rest)
}

const put = (name: string, content: string | Buffer) =>
  writeFile(join(ends.folder.path, 'lake', name), content)

test.each(['none', 'gzip', 'zstd'] as const)(
  'a table and its CSV file (%s) hold the same rows, both ways',
  async (compression) => {
    const suffix = { none: '', gzip: '.gz', zstd: '.zst' }[compression]
    const { receipt } = await runCopy(
      toFile(`odd-${compression}`, { compression }),
      fileContext([ends.folder]),
    )
    expect(receipt).toMatchObject({
      rowsWritten: '5',
      canonicalForm: 'pg-text',
      sinkDigest: receipt.sourceDigest,
    })
    expect(receipt.checks.join()).toContain('read again from the staged files')
    const bytes = await readFile(join(ends.folder.path, 'lake', `odd-${compression}.csv${suffix}`))
    const text = {
      none: String,
      gzip: (all: Buffer) => gunzipSync(all).toString(),
      zstd: (all: Buffer) => zstdDecompressSync(all).toString(),
    }[compression](bytes)
    expect(text).toMatch(/^id,t,n,d,j,a,b\n1,"",1\.50,2020-02-29,/)
    for (const verification of levels) {
      const to = `back_${compression}_${verification}`
      await ends.database.client.query(`CREATE TABLE ${to} (LIKE odd)`)
      const back = await runCopy(
        toTable(`odd-${compression}*`, to, { options: { verification } }),
        fileContext([ends.folder]),
      )
      expect(back.receipt).toMatchObject({
        rowsWritten: '5',
        verification,
        sinkDigest: back.receipt.sourceDigest,
      })
      expect(await rowsOf(ends.database, to)).toEqual(await rowsOf(ends.database, 'odd'))
    }
  },
)

test('other delimiters, quotes and NULL texts, without a header', async () => {
  const csv = { delimiter: ';', quote: "'", header: false, nullText: 'NULL' }
  await runCopy(toFile('dialect', { csv, compression: 'none' }), fileContext([ends.folder]))
  expect(await readFile(join(ends.folder.path, 'lake', 'dialect.csv'), 'utf8')).toMatch(/^1;;1\.50;/)
  const names = ['id', 't', 'n', 'd', 'j', 'a', 'b']
  const mapping = names.map((sink, index) => ({ source: `Prop_${index}`, sink }))
  await ends.database.client.query('CREATE TABLE from_dialect (LIKE odd)')
  await runCopy(toTable('dialect.csv', 'from_dialect', { csv, mapping }), fileContext([ends.folder]))
  expect(await rowsOf(ends.database, 'from_dialect')).toEqual(await rowsOf(ends.database, 'odd'))
})

test.each(levels)('columns are found by name, cut and reordered, at level %s', async (verification) => {
  await put('cut.csv', '\uFEFFc,b,a\r\n1,x,2020\r\n2,,1999')
  const to = `cut_${verification}`
  await ends.database.client.query(`CREATE TABLE ${to} (a int, c smallint)`)
  const mapping = ['a', 'c'].map((name) => ({ source: name, sink: name }))
  await runCopy(toTable('cut.csv', to, { mapping, options: { verification } }), fileContext([ends.folder]))
  expect(await rowsOf(ends.database, to)).toEqual(['(1999,2)', '(2020,1)'])
})

test('several files become one new table of text, each with its own end', async () => {
  await put('many-1.csv', 'a,b\n1,"x\ny"')
  await put('many-2.csv.gz', gzipSync('b,a\n,2\n"",3\n'))
  const { receipt } = await runCopy(toTable('many-*', 'many_files'), fileContext([ends.folder]))
  expect(receipt.rowsWritten).toBe('3')
  const { rows } = await ends.database.client.query('SELECT a, b FROM many_files ORDER BY a')
  expect(rows).toEqual([
    { a: '1', b: 'x\ny' },
    { a: '2', b: null },
    { a: '3', b: '' },
  ])
})

test.each(levels)(
  'a value that does not fit stops the copy at level %s without repeating it',
  async (verification) => {
    await put(`bad-${verification}.csv`, 'a\n1\ncanary\n')
    await ends.database.client.query(`CREATE TABLE bad_${verification} (a int)`)
    const copy = toTable(`bad-${verification}.csv`, `bad_${verification}`, { options: { verification } })
    const failure = await runCopy(copy, fileContext([ends.folder])).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'invalid_data', side: 'sink' })
    expect(String(failure)).not.toContain('canary')
    expect(await rowsOf(ends.database, `bad_${verification}`)).toEqual([])
  },
)

test('what a server wrote is compared in the table itself, whatever its types', async () => {
  await ends.database.client.query(`
    CREATE TYPE mood AS ENUM ('sad', 'o''k');
    CREATE TABLE written (b bool, c char(4), v varchar(9), i inet, ci cidr, tz timestamptz, ts timestamp, iv interval, f float8,
      by bytea, e mood, u uuid, ar text[], m "char", x bit(3), j jsonb, k json, o oid, ti time, r int4range);
    INSERT INTO written VALUES (true, 'ab', 'x', '10.0.0.1', '10.0.0.0/8', '2020-01-01 00:00+02', '0044-01-01 BC', '1 day 2:03',
      0.1, '\\x00', 'o''k', gen_random_uuid(), '{a,NULL,"b,c"}', 'z', '101', '{"a":1.0}', ' {"a" : 1} ', 7, '23:59', '[1,5)');
    INSERT INTO written (b) VALUES (false), (NULL)`)
  const folderCopy = toFile('written', { compression: 'none' })
  await runCopy({ ...folderCopy, source: tableSource(ends.database, 'written') }, fileContext([ends.folder]))
  await ends.database.client.query('CREATE TABLE written_back (LIKE written)')
  const { receipt } = await runCopy(toTable('written.csv', 'written_back'), fileContext([ends.folder]))
  expect(receipt.checks).toContainEqual(expect.stringContaining('rows were read again with the same digest'))
  expect(receipt.checks.join()).not.toContain('cast from the staged values')
  expect(await rowsOf(ends.database, 'written_back')).toEqual(await rowsOf(ends.database, 'written'))
})

test('NULL, the empty text and what looks like NULL in a table of one column', async () => {
  await ends.database.client.query(
    String.raw`CREATE TABLE lone (t text); INSERT INTO lone VALUES (NULL), (''), ('\N'), ('NULL'), ('\.'), (E'\n'), ('x')`,
  )
  const csv = { delimiter: ',', quote: '"', header: true, nullText: 'NULL' }
  const out = toFile('lone', { compression: 'none', csv })
  await runCopy({ ...out, source: tableSource(ends.database, 'lone') }, fileContext([ends.folder]))
  await ends.database.client.query('CREATE TABLE lone_back (LIKE lone)')
  const { receipt } = await runCopy(toTable('lone.csv', 'lone_back', { csv }), fileContext([ends.folder]))
  expect(receipt.rowsWritten).toBe('7')
  expect(receipt.checks.join()).not.toContain('cast from the staged values')
  expect(await rowsOf(ends.database, 'lone_back')).toEqual(await rowsOf(ends.database, 'lone'))
})

test('values that others wrote are compared as text, from where the two ways part', async () => {
  const plain = Array.from({ length: 400_000 }, (_, index) => `${index},0.5\n`).join('')
  await put('others.csv', `id,f\n${plain}00400000,5e1\n400001,2.50\n`)
  await ends.database.client.query('CREATE TABLE others (id int, f float8)')
  const copy = toTable('others.csv', 'others')
  const ctx = fileContext([ends.folder])
  const plan = await prepare(copy, ctx)
  // Every piece of the file is a chunk: all but the last are committed by the shorter way.
  for (const part of plan.parts) part.engine['chunkBytes'] = 1
  const results = await runParts(copy, plan, ctx)
  expect(ctx.lines).toEqual([expect.stringContaining('compared in a temporary table')])
  expect(Number(results[0]?.result.rowsResumed)).toBeGreaterThan(0)
  const receipt = await publish({ copy, plan, results }, ctx)
  expect(receipt).toMatchObject({ rowsWritten: '400002', sinkDigest: receipt.sourceDigest })
  expect(receipt.checks).toContainEqual(expect.stringMatching(/cast from the staged values .*id to integer/))
  const { rows } = await ends.database.client.query(
    'SELECT sum(id)::float8 AS ids, sum(f) AS halves FROM others',
  )
  expect(rows).toEqual([{ ids: (400_001 * 400_002) / 2, halves: 200_052.5 }])
})

test('a record with too many fields and a damaged archive are named', async () => {
  await put('long.csv', 'a,b\n1,2\n3,4,5\n')
  await expect(runCopy(toTable('long.csv', 'long_record'), fileContext([ends.folder]))).rejects.toThrow(
    'record 2 has 3 fields instead of 2',
  )
  await put('damaged.csv.gz', gzipSync(`a,b\n${'1,2\n'.repeat(200_000)}`).subarray(0, 500))
  await expect(runCopy(toTable('damaged.csv.gz', 'damaged'), fileContext([ends.folder]))).rejects.toThrow(
    'is damaged',
  )
})
