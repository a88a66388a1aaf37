import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { beforeAll, describe, expect, it } from 'vitest'
import type { CopySink, CopySpec } from '../../../lib/protocol/copy-plan.ts'
import { cleanUp, copySpec, prepare, publish, runCopy, runParts } from '../../testing/copy-harness.ts'
import { blobLake, databaseAndFolder } from '../../testing/file-copies.ts'
import { blobStoreRef, duckRows, fileContext, filesSink, openDuckDb } from '../../testing/file-ends.ts'
import { tableSource } from '../../testing/table-ends.ts'

const ends = databaseAndFolder()
const lake = blobLake()

let duck: DuckDBConnection

beforeAll(async () => {
  duck = await openDuckDb()
})

function spec(
  table: string,
  sink: CopySink,
  rest: Partial<Pick<CopySpec, 'mapping' | 'options'>> = {},
): CopySpec {
  return copySpec({ source: tableSource(ends.database, table), sink }, rest)
}

const toFolder = (fileName: string, rest: Partial<Extract<CopySink, { kind: 'files' }>> = {}) =>
  filesSink({ store: ends.folder.store, folder: 'lake', fileName }, { format: 'parquet', ...rest })

describe('PostgreSQL to Parquet', () => {
  it('gives every type the counterpart that other readers know, and the same values', async () => {
    await ends.database.client.query(`
      CREATE TYPE mood AS ENUM ('sad', 'happy');
      CREATE DOMAIN positive AS integer CHECK (value > 0);
      CREATE TABLE every_type (
        id integer PRIMARY KEY, b boolean, i2 smallint, i8 bigint, f4 real, f8 double precision,
        n9 numeric(9,2), n15 numeric(15,5), n18 numeric(18,4), n38 numeric(38,10), n numeric, t text, v varchar(20), c char(5),
        e mood, d positive, raw bytea, day date, tim time, ts timestamp, tz timestamptz, iv interval, u uuid, j json, jb jsonb,
        li integer[], lt text[], ln numeric(6,1)[], ip inet, mac macaddr, r int4range, neg numeric(5,-2), small numeric(2,4));
      INSERT INTO every_type VALUES
        (1, true, -32768, 9223372036854775807, 1.5, 'NaN', -1234567.89, 1234567890.12345, -99999999999999.9999,
         9999999999999999999999999999.9999999999, 1e-30, 'äöü 🚀 "quote"', '', 'ab', 'happy', 7, '\\x00ff', '0001-01-01',
         '23:59:59.999999', '1969-12-31 23:59:59.999999', '2024-02-29 12:00:00+02', '1 year 2 mons -3 days 04:05:06.789',
         'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"a": 1}', '{"b": [1, 2]}', '{1,NULL,3}', '{}', '{0.5,-12345.6}', '10.0.0.0/8',
         '08:00:2b:01:02:03', '[1,5)', 1234567, 0.0012),
        (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
         NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
        (3, false, 0, 0, '-Infinity', '-0', 0, 0, 0, 0, 'NaN', '', 'tab	new
line', '', 'sad', 1, '', '9999-12-31', '00:00', '294246-01-01', '1000-01-01 00:00+00', '0', '00000000-0000-0000-0000-000000000000',
         'null', '"x"', '{}', '{"",NULL,"a,b"}', NULL, '::1', '00:00:00:00:00:00', 'empty', -99900, -0.0099)`)
    const { receipt, plan } = await runCopy(spec('every_type', toFolder('every')), fileContext([ends.folder]))
    expect(receipt).toMatchObject({ rowsRead: '3', verification: 'content', guarantee: 'exactly-once' })
    expect(receipt.sinkDigest).toBe(receipt.sourceDigest)
    expect(receipt.filesWritten.map(({ path }) => path)).toEqual(['lake/every.parquet'])
    const file = join(ends.folder.path, 'lake/every.parquet')
    const described = await duckRows(duck, `DESCRIBE SELECT * FROM '${file}'`)
    const types = Object.fromEntries(described.map((row) => [row['column_name'], row['column_type']]))
    expect(types).toMatchObject({
      id: 'INTEGER',
      b: 'BOOLEAN',
      i2: 'SMALLINT',
      i8: 'BIGINT',
      f4: 'FLOAT',
      f8: 'DOUBLE',
      n9: 'DECIMAL(9,2)',
      n15: 'DECIMAL(15,5)',
      n18: 'DECIMAL(18,4)',
      n38: 'DECIMAL(38,10)',
      n: 'VARCHAR',
      t: 'VARCHAR',
      v: 'VARCHAR',
      c: 'VARCHAR',
      e: 'VARCHAR',
      d: 'INTEGER',
      raw: 'BLOB',
      day: 'DATE',
      tim: 'TIME',
      ts: 'TIMESTAMP',
      tz: 'TIMESTAMP WITH TIME ZONE',
      iv: 'VARCHAR',
      u: 'UUID',
      j: 'JSON',
      jb: 'JSON',
      li: 'INTEGER[]',
      lt: 'VARCHAR[]',
      ln: 'DECIMAL(6,1)[]',
      ip: 'VARCHAR',
      neg: 'DECIMAL(7,0)',
      small: 'DECIMAL(4,4)',
    })
    const [first, second, third] = await duckRows(duck, `SELECT * FROM '${file}' ORDER BY id`)
    expect(first).toMatchObject({
      b: true,
      i2: -32768,
      i8: '9223372036854775807',
      f4: 1.5,
      n9: '-1234567.89',
      n15: '1234567890.12345',
      n18: '-99999999999999.9999',
      n38: '9999999999999999999999999999.9999999999',
      n: '0.000000000000000000000000000001',
      t: 'äöü 🚀 "quote"',
      v: '',
      c: 'ab   ',
      e: 'happy',
      d: 7,
      day: '0001-01-01',
      tim: '23:59:59.999999',
      ts: '1969-12-31 23:59:59.999999',
      u: 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
      j: '{"a": 1}',
      jb: '{"b": [1, 2]}',
      li: [1, null, 3],
      lt: [],
      ln: ['0.5', '-12345.6'],
      ip: '10.0.0.0/8',
      iv: '1 year 2 mons -3 days +04:05:06.789',
      neg: '1234600',
      small: '0.0012',
    })
    expect(Object.values({ ...second, id: null }).every((value) => value === null)).toBe(true)
    expect(third).toMatchObject({
      n: 'NaN',
      t: '',
      v: 'tab\tnew\nline',
      c: '     ',
      lt: ['', null, 'a,b'],
      ln: null,
      n38: '0.0000000000',
    })
    expect(plan.columns.find(({ sink }) => sink.name === 'li')?.sink.type).toBe('LIST<INT(32)>')
  })

  it('writes one file per part to blobs, with statistics that other readers use', async () => {
    await ends.database.client
      .query(`CREATE TABLE numbers AS SELECT i AS id, i % 7 AS few, nullif(i % 1000, 0)::numeric(9,2) AS amount,
      repeat(md5(i::text), 4) AS wide FROM generate_series(1, 300000) AS i; ANALYZE numbers`)
    const { container } = lake
    const sink = filesSink(
      { store: blobStoreRef(lake.emulator.address), container: 'lake', folder: 'out', fileName: 'numbers' },
      { format: 'parquet' },
    )
    const options = { verification: 'content', parallelCopies: 3 } as const
    const { receipt } = await runCopy(spec('numbers', sink, { options }), fileContext())
    expect(receipt).toMatchObject({ rowsWritten: '300000', snapshot: 'single' })
    expect(receipt.sinkDigest).toBe(receipt.sourceDigest)
    const names: string[] = []
    for await (const blob of container.listBlobsFlat()) names.push(blob.name)
    expect(names).toEqual([
      'out/numbers-00000.parquet',
      'out/numbers-00001.parquet',
      'out/numbers-00002.parquet',
    ])
    for (const name of names) {
      const local = join(ends.folder.path, name.replaceAll('/', '-'))
      await writeFile(local, await container.getBlobClient(name).downloadToBuffer())
    }
    const files = `'${ends.folder.path}/out-numbers-*.parquet'`
    const [sums] = await duckRows(
      duck,
      `SELECT count(*)::INT AS rows, sum(id)::VARCHAR AS ids, sum(amount)::VARCHAR AS amounts, count(DISTINCT wide)::INT AS wides FROM ${files}`,
    )
    const { rows } = await ends.database.client.query(
      'SELECT count(*)::int AS rows, sum(id)::text AS ids, sum(amount)::text AS amounts, count(DISTINCT wide)::int AS wides FROM numbers',
    )
    expect(sums).toEqual(rows[0])
    const [statistics] = await duckRows(
      duck,
      `SELECT min(stats_min_value::INT) AS low, max(stats_max_value::INT) AS high, sum(stats_null_count)::INT AS nulls
       FROM parquet_metadata(${files}) WHERE path_in_schema = 'few'`,
    )
    expect(statistics).toEqual({ low: 0, high: 6, nulls: 0 })
    const [nulls] = await duckRows(
      duck,
      `SELECT sum(stats_null_count)::INT AS nulls FROM parquet_metadata(${files}) WHERE path_in_schema = 'amount'`,
    )
    expect(nulls).toEqual({ nulls: 300 })
  }, 60_000)

  it('maps names and types, and says what a cast may lose', async () => {
    await ends.database.client.query(
      `CREATE TABLE mapped (a numeric, b timestamptz); INSERT INTO mapped VALUES (1.239, '2024-01-01 00:00+00')`,
    )
    const mapping = [
      { source: 'b', sink: 'when' },
      { source: 'a', sink: 'amount', sinkType: 'DECIMAL(10,2)' },
    ]
    const { plan } = await runCopy(
      spec('mapped', toFolder('mapped'), { mapping }),
      fileContext([ends.folder]),
    )
    expect(plan.columns.map(({ sink }) => sink.name)).toEqual(['when', 'amount'])
    expect(plan.columns[1]?.lossy).toMatch(/numeric\(10,2\)/)
    const [row] = await duckRows(duck, `SELECT amount FROM '${ends.folder.path}/lake/mapped.parquet'`)
    expect(row).toEqual({ amount: '1.24' })
  })

  it.each([
    ['date', "'infinity'", /Column “v” holds an infinite date/],
    ['timestamptz', "'-infinity'", /Column “v” holds an infinite timestamp/],
    ['timestamp', "'294270-01-01'", /after the year 294246/],
    ['numeric(9,2)', "'NaN'", /holds NaN or infinity/],
    ['integer[]', "'{{1,2},{3,4}}'", /several dimensions/],
    ['integer[]', "'[0:1]={1,2}'", /does not begin at index 1/],
  ])('stops with a clear reason at a %s of %s', async (type, value, message) => {
    await ends.database.client.query(
      `DROP TABLE IF EXISTS odd; CREATE TABLE odd (v ${type}); INSERT INTO odd VALUES (${value})`,
    )
    const copy = runCopy(spec('odd', toFolder('odd')), fileContext([ends.folder]))
    await expect(copy).rejects.toMatchObject({ code: 'invalid_data', side: 'source' })
    await expect(copy).rejects.toThrow(message)
    expect((await readdir(join(ends.folder.path, 'lake'))).filter((name) => name.includes('odd'))).toEqual([])
  })

  it('lets no reader pass over NaN, which is the greatest number to some', async () => {
    await ends.database.client.query(
      `CREATE TABLE unordered AS SELECT i AS id, CASE WHEN i = 7 THEN 'NaN'::float8 ELSE i END AS d,
         CASE WHEN i = 7 THEN 'NaN'::float4 ELSE i END AS r, i::float8 AS plain FROM generate_series(1, 50) AS i`,
    )
    await runCopy(spec('unordered', toFolder('unordered')), fileContext([ends.folder]))
    const file = `'${ends.folder.path}/lake/unordered.parquet'`
    for (const column of ['d', 'r'])
      expect(await duckRows(duck, `SELECT id FROM ${file} WHERE ${column} > 1000`)).toEqual([{ id: 7 }])
    const bounds = `SELECT stats_min_value AS low, stats_max_value AS high FROM parquet_metadata(${file}) WHERE path_in_schema = 'plain'`
    expect(await duckRows(duck, bounds)).toEqual([{ low: '1.0', high: '50.0' }])
  })

  it('writes a file without rows for an empty table', async () => {
    await ends.database.client.query('CREATE TABLE nothing (a integer NOT NULL, b text[])')
    const { receipt } = await runCopy(spec('nothing', toFolder('nothing')), fileContext([ends.folder]))
    expect(receipt).toMatchObject({ rowsRead: '0', rowsWritten: '0' })
    const described = await duckRows(
      duck,
      `DESCRIBE SELECT * FROM '${ends.folder.path}/lake/nothing.parquet'`,
    )
    expect(described.map((row) => row['column_type'])).toEqual(['INTEGER', 'VARCHAR[]'])
  })
})

describe('publishing Parquet', () => {
  it('catches a byte that was changed in staging, and publishes nothing', async () => {
    await ends.database.client.query(
      'CREATE TABLE changed AS SELECT i AS id, md5(i::text) AS text FROM generate_series(1, 2000) AS i',
    )
    const copy = spec('changed', toFolder('changed', { compression: 'none' }))
    const ctx = fileContext([ends.folder])
    const plan = await prepare(copy, ctx)
    const results = await runParts(copy, plan, ctx)
    const place = join(ends.folder.path, 'lake')
    const staged = (await readdir(place)).find((name) => name.startsWith('.changed'))
    if (!staged) throw new Error('staged')
    const bytes = await readFile(join(place, staged))
    bytes[2000] = (bytes[2000] ?? 0) ^ 1
    await writeFile(join(place, staged), bytes)
    const outcome = publish({ copy, plan, results }, ctx)
    await expect(outcome).rejects.toMatchObject({
      code: expect.stringMatching(/verification_failed|invalid_data/),
    })
    expect(await cleanUp(copy, plan, ctx)).toHaveLength(1)
    expect((await readdir(place)).filter((name) => name.includes('changed'))).toEqual([])
    expect(await cleanUp(copy, plan, ctx)).toEqual([])
    await ctx.holder.releaseAll()
  })

  it('says the same again when the answer of the first publish was lost', async () => {
    await ends.database.client.query('CREATE TABLE again AS SELECT i AS id FROM generate_series(1, 100) AS i')
    const copy = spec('again', toFolder('again'))
    const ctx = fileContext([ends.folder])
    const plan = await prepare(copy, ctx)
    const results = await runParts(copy, plan, ctx)
    const first = await publish({ copy, plan, results }, ctx)
    const second = await publish({ copy, plan, results }, ctx)
    expect({ ...second, checks: [] }).toEqual({ ...first, checks: [] })
    await expect(prepare(spec('again', toFolder('again')), ctx)).rejects.toMatchObject({
      code: 'already_exists',
    })
    await ctx.holder.releaseAll()
  })
})
