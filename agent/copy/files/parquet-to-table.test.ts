import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DuckDBConnection } from '@duckdb/node-api'
import { beforeAll, describe, expect, it } from 'vitest'
import type { CopySpec } from '../../../lib/protocol/copy-plan.ts'
import {
  copySpec,
  nextEpoch,
  prepare,
  publish,
  runCopy,
  runPart,
  runParts,
} from '../../testing/copy-harness.ts'
import { databaseAndFolder } from '../../testing/file-copies.ts'
import { fileContext, filesSink, filesSource, openDuckDb } from '../../testing/file-ends.ts'
import { type TableSink, tableSink, tableSource } from '../../testing/table-ends.ts'

const ends = databaseAndFolder()

let duck: DuckDBConnection

beforeAll(async () => {
  duck = await openDuckDb()
})

type Rest = Partial<Pick<CopySpec, 'mapping' | 'options'>>

function load(
  fileName: string,
  table: string,
  { mapping, options, ...sink }: Rest & Partial<TableSink> = {},
): CopySpec {
  return copySpec(
    {
      source: filesSource({ store: ends.folder.store, fileName }, 'parquet'),
      sink: tableSink(ends.database, table, sink),
    },
    { ...(mapping && { mapping }), ...(options && { options }) },
  )
}

async function rowsOf(sql: string): Promise<Record<string, unknown>[]> {
  return (await ends.database.client.query(sql)).rows
}

async function write(name: string, select: string, options = ''): Promise<void> {
  await duck.run(`COPY (${select}) TO '${join(ends.folder.path, name)}' (FORMAT parquet${options})`)
}

describe('Parquet to PostgreSQL', () => {
  it('loads the three million flights of vega-datasets in parts', async () => {
    const flights = fileURLToPath(
      new URL('../../../node_modules/vega-datasets/data/flights-3m.parquet', import.meta.url),
    )
    await copyFile(flights, join(ends.folder.path, 'flights.parquet'))
    const options = { verification: 'stream', parallelCopies: 2 } as const
    const { receipt, plan } = await runCopy(
      load('flights.parquet', 'flights', { options }),
      fileContext([ends.folder]),
    )
    expect(plan.parts).toHaveLength(2)
    expect(receipt).toMatchObject({ rowsRead: '3000000', rowsWritten: '3000000', guarantee: 'exactly-once' })
    const reader = await duck.runAndReadAll(
      `SELECT count(*)::VARCHAR AS rows, sum(delay)::VARCHAR AS delay, sum(distance)::VARCHAR AS distance, min(date)::VARCHAR AS first,
       count(DISTINCT origin)::VARCHAR AS origins FROM '${flights}'`,
    )
    const [mine] =
      await rowsOf(`SELECT count(*)::text AS rows, sum(delay)::text AS delay, sum(distance)::text AS distance,
      min(date)::text AS first, count(DISTINCT origin)::text AS origins FROM flights`)
    expect(mine).toEqual(reader.getRowObjectsJson()[0])
  }, 120_000)

  it('brings every type back as it was', async () => {
    await ends.database.client
      .query(`CREATE TABLE back (id integer PRIMARY KEY, b boolean, i2 smallint, i8 bigint, f4 real,
      f8 double precision, n9 numeric(9,2), n18 numeric(18,4), n38 numeric(38,10), t text, v varchar(20), c char(5), raw bytea,
      day date, tim time, ts timestamp, tz timestamptz, u uuid, j json, jb jsonb, li integer[], lt text[], ln numeric(6,1)[], lu uuid[]);
      INSERT INTO back SELECT i, i % 2 = 0, i, i::bigint * 1234567890123, i / 3.0, 'NaN', i / 7.0, -i * 1000.5, i * 1e20, 'text ' || i,
        nullif('v' || i % 3, 'v0'), 'c', decode(md5(i::text), 'hex'), date '1900-01-01' + i, time '00:00' + i * interval '1 ms',
        timestamp '1600-01-01' + i * interval '1.5 years', now(), gen_random_uuid(), json_build_object('i', i),
        jsonb_build_object('i', i, 'l', array[1, 2]), array[i, null, i + 1], array['', null, 'x' || i]::text[],
        case when i % 3 > 0 then array[i / 2.0] end, array[gen_random_uuid()] FROM generate_series(1, 5000) AS i;
      UPDATE back SET t = NULL, f8 = -i8, day = NULL, li = '{}' WHERE id % 5 = 0`)
    const sink = filesSink({ store: ends.folder.store, fileName: 'back' }, { format: 'parquet' })
    const out = copySpec({
      source: tableSource(ends.database, 'back'),
      sink,
    })
    const first = await runCopy(out, fileContext([ends.folder]))
    const second = await runCopy(load('back.parquet', 'back_again'), fileContext([ends.folder]))
    expect(second.receipt.sinkDigest).toBe(first.receipt.sourceDigest)
    const types = (table: string) =>
      rowsOf(`SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute
        WHERE attrelid = '${table}'::regclass AND attnum > 0 ORDER BY attnum`)
    expect(await types('back_again')).toEqual(await types('back'))
    const different = 'SELECT (a.*)::text FROM back AS a EXCEPT ALL SELECT (b.*)::text FROM back_again AS b'
    expect(await rowsOf(different)).toEqual([])
  })

  it.each(['uncompressed', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4_raw'])(
    'reads files of other tools: %s',
    async (codec) => {
      const select = `SELECT i::INTEGER AS id, (i % 10)::UTINYINT AS few, (i * 1000003)::UBIGINT AS big, 'name ' || (i % 100) AS name,
        CASE WHEN i % 7 > 0 THEN i / 8 END AS ratio, (i % 1000 / 10)::DECIMAL(5,1) AS price, [i, NULL, i + 1]::INTEGER[] AS list,
        TIMESTAMP '2020-01-01' + INTERVAL (i) SECOND AS moment FROM range(9000) AS t(i)`
      for (const version of ['v1', 'v2']) {
        const name = `${codec}-${version}.parquet`
        await write(name, select, `, COMPRESSION ${codec}, PARQUET_VERSION ${version}, ROW_GROUP_SIZE 4096`)
        const table = `duck_${codec}_${version}`
        const { receipt } = await runCopy(load(name, table), fileContext([ends.folder]))
        expect(receipt.sinkDigest).toBe(receipt.sourceDigest)
        const sums = `SELECT count(*)::int AS rows, sum(few)::int AS few, sum(big)::text AS big, count(DISTINCT name)::int AS names,
          sum(ratio) AS ratio, sum(price)::text AS price, sum(list[3])::text AS list, max(moment)::text AS moment, count(ratio)::int AS ratios FROM`
        const reader = await duck.runAndReadAll(`${sums} '${join(ends.folder.path, name)}'`)
        expect(await rowsOf(`${sums} ${table}`)).toEqual(reader.getRowObjectsJson())
        expect(await rowsOf(`SELECT pg_typeof(big)::text AS big FROM ${table} LIMIT 1`)).toEqual([
          { big: 'numeric' },
        ])
      }
    },
  )

  it('reads structs, maps and lists of lists as JSON', async () => {
    await write(
      'nested.parquet',
      `SELECT i::INTEGER AS id, CASE WHEN i <> 1 THEN {'a': i, 'b': 'text "' || i, 'd': (i / 10)::DECIMAL(4,2), 'at': TIMESTAMP '2020-01-01 00:00:00.123456'} END AS s,
       MAP {'k' || i: i} AS m, [[i], [], NULL] AS ll, [{'x': i}] AS ls FROM range(3) AS t(i)`,
    )
    await runCopy(load('nested.parquet', 'nested'), fileContext([ends.folder]))
    const rows = await rowsOf('SELECT * FROM nested ORDER BY id')
    expect(rows).toEqual(
      [0, 1, 2].map((i) => ({
        id: i,
        s: i === 1 ? null : { a: i, b: `text "${i}`, d: i / 10, at: '2020-01-01T00:00:00.123456' },
        m: { [`k${i}`]: i },
        ll: [[i], [], null],
        ls: [{ x: i }],
      })),
    )
  })

  it('casts to the types of a table that exists, and says what cannot be cast before it starts', async () => {
    await write(
      'casts.parquet',
      `SELECT i AS id, i::VARCHAR || '.50' AS amount, DATE '2020-01-01' + i::INTEGER AS day, 'sad' AS mood, '10.0.0.' || i AS ip,
      'x' AS fixed FROM range(100) AS t(i)`,
    )
    await ends.database.client.query(`CREATE TYPE feeling AS ENUM ('sad', 'glad');
      CREATE TABLE casts (id smallint PRIMARY KEY, amount numeric(10,1), day timestamptz, mood feeling, ip inet, fixed char(3))`)
    const { receipt } = await runCopy(load('casts.parquet', 'casts'), fileContext([ends.folder]))
    expect(receipt.sinkDigest).toBe(receipt.sourceDigest)
    const [row] =
      await rowsOf(`SELECT count(*)::int AS rows, sum(amount)::text AS amount, max(day AT TIME ZONE 'UTC')::text AS day, max(ip)::text AS ip,
      min(mood)::text AS mood, min(fixed || '|') AS fixed FROM casts`)
    expect(row).toEqual({
      rows: 100,
      amount: '5000.0',
      day: '2020-04-09 00:00:00',
      ip: '10.0.0.99/32',
      mood: 'sad',
      fixed: 'x|',
    })
    await ends.database.client.query(
      'CREATE TABLE impossible (id boolean, amount text, day text, mood text, ip text, fixed uuid)',
    )
    const mapping = [{ source: 'day', sink: 'id' }]
    const refused = runCopy(load('casts.parquet', 'impossible', { mapping }), fileContext([ends.folder]))
    await expect(refused).rejects.toMatchObject({ code: 'type_unsupported', side: 'sink' })
  })

  it('refuses a number that a narrower integer cannot hold', async () => {
    await write('wide.parquet', 'SELECT 40000::BIGINT AS n')
    await ends.database.client.query('CREATE TABLE narrow (n smallint)')
    const copy = runCopy(load('wide.parquet', 'narrow'), fileContext([ends.folder]))
    await expect(copy).rejects.toMatchObject({ code: 'invalid_data' })
    expect(await rowsOf('SELECT * FROM narrow')).toEqual([])
  })

  it('upserts by key and overwrites from several files in one go', async () => {
    for (const i of [0, 1, 2])
      await write(
        `many-${i}.parquet`,
        `SELECT (${i} * 10 + i)::INTEGER AS id, 'v${i}' AS v FROM range(10) AS t(i)`,
      )
    await ends.database.client.query(
      `CREATE TABLE many (id integer PRIMARY KEY, v text); INSERT INTO many VALUES (5, 'old'), (99, 'kept')`,
    )
    const upsert = await runCopy(
      load('many-*.parquet', 'many', { writeBehavior: 'upsert' }),
      fileContext([ends.folder]),
    )
    expect(upsert.receipt).toMatchObject({ rowsRead: '30' })
    expect(
      await rowsOf('SELECT count(*)::int AS rows, min(v) FILTER (WHERE id = 5) AS five FROM many'),
    ).toEqual([{ rows: 31, five: 'v0' }])
    await runCopy(load('many-1.parquet', 'many', { writeBehavior: 'overwrite' }), fileContext([ends.folder]))
    expect(await rowsOf('SELECT count(*)::int AS rows, min(id) AS low FROM many')).toEqual([
      { rows: 10, low: 10 },
    ])
  })

  it('says that files differ in their columns, that none is there, and that one is no Parquet', async () => {
    await mkdir(join(ends.folder.path, 'odd'), { recursive: true })
    await write('odd/a.parquet', 'SELECT 1 AS a')
    await write('odd/b.parquet', 'SELECT 1 AS b')
    const copy = (fileName: string) => runCopy(load(fileName, 'odd'), fileContext([ends.folder]))
    const spec = load('*.parquet', 'odd')
    const odd = { ...spec, source: { ...spec.source, folder: 'odd' } as CopySpec['source'] }
    await expect(runCopy(odd, fileContext([ends.folder]))).rejects.toMatchObject({ code: 'schema_mismatch' })
    await expect(copy('none*.parquet')).rejects.toMatchObject({ code: 'not_found', side: 'source' })
    await duck.run(`COPY (SELECT 1) TO '${join(ends.folder.path, 'text.parquet')}' (FORMAT csv)`)
    await expect(copy('text.parquet')).rejects.toMatchObject({ code: 'invalid_data' })
  })

  it('says before the copy starts that files hold the same column in different types', async () => {
    await mkdir(join(ends.folder.path, 'types'))
    await write('types/a.parquet', 'SELECT 1 AS v')
    await write('types/b.parquet', "SELECT 'x' AS v")
    const spec = load('*.parquet', 'of_types')
    const copy = { ...spec, source: { ...spec.source, folder: 'types' } as CopySpec['source'] }
    await expect(prepare(copy, fileContext([ends.folder]))).rejects.toMatchObject({
      code: 'schema_mismatch',
      message:
        'File “types/b.parquet” holds column “v” as text, but other files of this copy hold it as integer.',
    })
    await write('types/b.parquet', 'SELECT 2::SMALLINT AS v')
    await runCopy(copy, fileContext([ends.folder]))
    expect(await rowsOf('SELECT v FROM of_types ORDER BY v')).toEqual([{ v: 1 }, { v: 2 }])
  })

  it('goes on behind the last commit, without losing or doubling a row', async () => {
    await write(
      'resume.parquet',
      `SELECT i AS id, repeat(md5(i::VARCHAR), 20) AS text FROM range(300000) AS t(i)`,
      ', ROW_GROUP_SIZE 30000',
    )
    await ends.database.client.query('CREATE TABLE resumed (id bigint, text text)')
    const options = { verification: 'stream', parallelCopies: 1 } as const
    const copy = load('resume.parquet', 'resumed', { options })
    const abort = new AbortController()
    const ctx = fileContext([ends.folder])
    const plan = await prepare(copy, ctx)
    const stopping = {
      ...ctx,
      signal: abort.signal,
      progress: () =>
        void (async () => {
          const [found] = await rowsOf('SELECT count(*)::int AS rows FROM resumed')
          if (Number(found?.['rows']) > 0) abort.abort()
        })(),
    }
    await expect(runPart({ copy, plan, index: 0 }, stopping)).rejects.toMatchObject({ code: 'cancelled' })
    const results = [{ index: 0, epoch: nextEpoch(), result: await runPart({ copy, plan, index: 0 }, ctx) }]
    expect(Number(results[0]?.result.rowsResumed)).toBeGreaterThan(0)
    await publish({ copy, plan, results }, ctx)
    expect(await rowsOf('SELECT count(*)::int AS rows, count(DISTINCT id)::int AS ids FROM resumed')).toEqual(
      [{ rows: 300000, ids: 300000 }],
    )
  }, 60_000)

  it('takes the file as changed when it is written between planning and reading', async () => {
    await write('moving.parquet', 'SELECT 1 AS a')
    const copy = load('moving.parquet', 'moving')
    const ctx = fileContext([ends.folder])
    const plan = await prepare(copy, ctx)
    await write('moving.parquet', 'SELECT 2 AS a')
    await expect(runParts(copy, plan, ctx)).rejects.toMatchObject({ code: 'store_conflict', side: 'source' })
  })
})
