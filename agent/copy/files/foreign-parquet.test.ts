import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { beforeAll, expect, test } from 'vitest'
import { copySpec, prepare, runCopy } from '../../testing/copy-harness.ts'
import { databaseAndFolder } from '../../testing/file-copies.ts'
import { fileContext, filesSource, openDuckDb } from '../../testing/file-ends.ts'
import { rowsOf } from '../../testing/table-copies.ts'
import { tableSink } from '../../testing/table-ends.ts'

const ends = databaseAndFolder()

let duck: DuckDBConnection

beforeAll(async () => {
  duck = await openDuckDb()
})

let files = 0
async function load(select: string) {
  files += 1
  const [name, table] = [`file${files}.parquet`, `table${files}`]
  await duck.run(`COPY (${select}) TO '${join(ends.folder.path, name)}' (FORMAT parquet)`)
  const source = filesSource({ store: ends.folder.store, fileName: name }, 'parquet')
  return {
    copy: copySpec({ source, sink: tableSink(ends.database, table) }),
    table,
    ctx: fileContext([ends.folder]),
  }
}

/** The only row of a file with one nested column, as the sink has it. */
async function nested(value: string): Promise<unknown> {
  const { copy, table, ctx } = await load(`SELECT ${value} AS v`)
  await runCopy(copy, ctx)
  const { rows } = await ends.database.client.query<{ v: string }>(`SELECT v::text AS v FROM ${table}`)
  return rows[0]?.v
}

test.each([
  [
    "{'u': 4294967295::UINTEGER, 'b': 18446744073709551615::UBIGINT, 's': (-1)::TINYINT}",
    '{"u":4294967295,"b":18446744073709551615,"s":-1}',
  ],
  ["{'t': TIME '12:34:56.5', 'z': TIME '00:00:00'}", '{"t":"12:34:56.500000","z":"00:00:00.000000"}'],
  ["{'d': '0044-03-15 (BC)'::DATE, 'e': '12000-01-01'::DATE}", '{"d":"-000043-03-15","e":"+012000-01-01"}'],
  ["{'t': '0044-03-15 (BC) 01:02:03.5'::TIMESTAMP}", '{"t":"-000043-03-15T01:02:03.500000"}'],
  ["{'i': INTERVAL '14 months 3 days 1500 milliseconds'}", '{"i":"P14M3DT1.5S"}'],
  ["MAP {DATE '2020-01-01': 1}", '{"2020-01-01":1}'],
  ["MAP {1.50::DECIMAL(5,2): 'x'}", '{"1.50":"x"}'],
  ['MAP {18446744073709551615::UBIGINT: 1}', '{"18446744073709551615":1}'],
  [
    "MAP {'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::UUID: true}",
    '{"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11":true}',
  ],
  ["MAP {'': 1, 'é,1': 2}", '{"":1,"é,1":2}'],
  ['MAP {true: 1.5::DOUBLE}', '{"true":1.5}'],
  ["[[TIME '12:00:00']]", '[["12:00:00.000000"]]'],
])('a nested value %s becomes %s', async (value, json) => {
  expect(await nested(value)).toBe(json)
})

test('a variant is copied as its parts, and that is said before the copy starts', async () => {
  const { copy, table, ctx } = await load('SELECT 5::VARIANT AS v')
  const { plan } = await runCopy(copy, ctx)
  expect(plan.warnings).toEqual([expect.stringContaining('“v”')])
  const { rows } = await ends.database.client.query(
    `SELECT v ->> 'typed_value' AS v, length(v ->> 'metadata') > 0 AS has_parts FROM ${table}`,
  )
  expect(rows).toEqual([{ v: '5', has_parts: true }])
})

test.each(["'infinity'::TIMESTAMP", "'-infinity'::TIMESTAMPTZ", "'infinity'::TIMESTAMP_MS"])(
  '%s of another system is refused, and becomes no year of ours',
  async (value) => {
    for (const select of [`SELECT ${value} AS v`, `SELECT [${value}] AS v`]) {
      const { copy, ctx } = await load(select)
      await expect(runCopy(copy, ctx)).rejects.toMatchObject({ code: 'invalid_data' })
    }
  },
)

test('times far from now stay where they are', async () => {
  const { copy, table, ctx } = await load(
    "SELECT * FROM (VALUES ('294246-12-31'::TIMESTAMP), ('0044-03-15 (BC)'::TIMESTAMP), ('1969-12-31 23:59:59.999999'::TIMESTAMP)) AS t(v)",
  )
  await runCopy(copy, ctx)
  expect(await rowsOf(ends.database, table)).toEqual([
    '("0044-03-15 00:00:00 BC")',
    '("1969-12-31 23:59:59.999999")',
    '("294246-12-31 00:00:00")',
  ])
})

test('floating point becomes numeric with all its digits', async () => {
  const { copy, table, ctx } = await load('SELECT 0.12345678901234568::DOUBLE AS d, [0.1::FLOAT] AS r')
  await ends.database.client.query(`CREATE TABLE ${table} (d numeric, r numeric[])`)
  await runCopy(copy, ctx)
  expect(await rowsOf(ends.database, table)).toEqual(['(0.12345678901234568,{0.1})'])
})

test('what is lost is named beforehand: nanoseconds, and what a cast of the sink drops', async () => {
  const { copy, table, ctx } = await load(
    "SELECT '2020-01-01 01:02:03.456789123'::TIMESTAMP_NS AS fine, 1.5::DOUBLE AS half, TIMESTAMP '2020-01-01 10:00:00' AS day, 1 AS whole",
  )
  await ends.database.client.query(`CREATE TABLE ${table} (fine timestamp, half int, day date, whole bigint)`)
  const plan = await prepare(copy, ctx)
  expect(plan.warnings).toEqual(['Column “fine” holds nanoseconds: they are rounded down to microseconds.'])
  expect(plan.columns.map(({ lossy }) => lossy !== undefined)).toEqual([false, true, true, false])
})
