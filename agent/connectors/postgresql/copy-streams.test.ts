import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../testing/copy-harness.ts'
import { openSession } from '../../testing/table-copies.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createTestDatabase(inject('postgresUrl'))
})
afterAll(() => database.drop())

test('a COPY that the server refused leaves the connection fit for use, whatever was still to be sent', async () => {
  const session = await openSession(database, 'refused')
  await session.query('BEGIN; CREATE TEMPORARY TABLE numbers (i int)')
  const into = await session.copyIn('COPY numbers FROM STDIN')
  const send = async () => {
    for (;;) {
      await into.writeLent(Buffer.from('none\n'), () => {})
      await turn()
    }
  }
  await expect(send()).rejects.toMatchObject({ code: 'invalid_data' })
  await session.query('ROLLBACK')
  const { rows } = await session.query('SELECT 1 AS one')
  expect(rows).toEqual([{ one: 1 }])
  await session.close()
})
