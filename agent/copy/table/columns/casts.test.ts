import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { runCopy } from '../../../testing/copy-harness.ts'
import { createDatabases, type Databases, rowsOf, tableCopy } from '../../../testing/table-copies.ts'

let databases: Databases & AsyncDisposable

beforeAll(async () => {
  databases = await createDatabases(inject('postgresUrl'))
})
afterAll(() => databases[Symbol.asyncDispose]())

test('floating point becomes numeric with all its digits', async () => {
  const { source, sink } = databases
  await source.client.query(
    `CREATE TABLE floats (d float8, r float4, ds float8[]);
     INSERT INTO floats VALUES (0.12345678901234568, 0.123456789, '{0.12345678901234568,NULL,NaN}'), ('NaN', '-Infinity', NULL)`,
  )
  await sink.client.query('CREATE TABLE floats (d numeric, r numeric, ds numeric[])')
  await runCopy(tableCopy(databases, 'floats'))
  expect(await rowsOf(sink, 'floats')).toEqual([
    '(0.12345678901234568,0.12345679,"{0.12345678901234568,NULL,NaN}")',
    '(NaN,-Infinity,)',
  ])
})

test('money becomes numeric, which its text could not', async () => {
  const { source, sink } = databases
  await source.client.query("CREATE TABLE prices AS SELECT '-1234.56'::money AS p")
  await sink.client.query('CREATE TABLE prices (p numeric)')
  await runCopy(tableCopy(databases, 'prices'))
  expect(await rowsOf(sink, 'prices')).toEqual(['(-1234.56)'])
})

test.each([
  ['bit(5)', 'bit varying(3)'],
  ['bit varying(8)', 'bit(3)'],
])('%s that is too long for %s stops the copy instead of being cut', async (from, to) => {
  const { source, sink } = databases
  await source.client.query(`DROP TABLE IF EXISTS bits; CREATE TABLE bits AS SELECT B'10101'::${from} AS b`)
  await sink.client.query(`DROP TABLE IF EXISTS bits; CREATE TABLE bits (b ${to})`)
  await expect(runCopy(tableCopy(databases, 'bits'))).rejects.toMatchObject({ code: 'invalid_data' })
  expect(await rowsOf(sink, 'bits')).toEqual([])
})

test('casts of the server that drop a part of the value are named beforehand', async () => {
  const { source, sink } = databases
  await source.client.query(
    "CREATE TABLE parts AS SELECT '10.1.2.3/8'::inet AS i, repeat('x', 70) AS n, 'abc'::text AS c, interval '1 day 02:00' AS t",
  )
  await sink.client.query('CREATE TABLE parts (i cidr, n name, c "char", t time)')
  const { plan } = await runCopy(tableCopy(databases, 'parts'))
  for (const { lossy } of plan.columns) expect(lossy).toBeTypeOf('string')
})
