import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createTestDatabase, runCopy, type TestDatabase } from '../../testing/copy-harness.ts'
import { tableCopy } from '../../testing/table-copies.ts'

let source: TestDatabase
let sink: TestDatabase

beforeAll(async () => {
  source = await createTestDatabase(inject('postgresUrl'))
  sink = await createTestDatabase(inject('postgresUrl'))
})
afterAll(async () => {
  await source.drop()
  await sink.drop()
})

test('a new table gets the types, NOT NULL and primary key of the source, and the same rows', async () => {
  await source.client.query(
    'CREATE TABLE flights (id bigint PRIMARY KEY, origin char(3) NOT NULL, delay numeric(8,2), note text)',
  )
  await source.client.query(
    "INSERT INTO flights SELECT i, 'FRA', i / 7.0, nullif('n' || i % 5, 'n0') FROM generate_series(1, 50000) AS i",
  )
  const { receipt, plan } = await runCopy(tableCopy({ source, sink }, 'flights'))
  expect(receipt).toMatchObject({ rowsRead: '50000', rowsWritten: '50000', guarantee: 'exactly-once' })
  expect(receipt.sinkDigest).toBe(receipt.sourceDigest)
  expect(plan.canonicalForm).toBe('pg-binary')
  const { rows } = await sink.client.query(
    'SELECT count(*)::int AS rows, sum(delay)::text AS sum FROM flights',
  )
  expect(rows).toEqual(
    (await source.client.query('SELECT count(*)::int AS rows, sum(delay)::text AS sum FROM flights')).rows,
  )
})
