import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../testing/copy-harness.ts'
import { openSession } from '../../../testing/table-copies.ts'
import { Ledger } from './ledger.ts'

let sink: TestDatabase

beforeAll(async () => {
  sink = await createTestDatabase(inject('postgresUrl'))
})
afterAll(() => sink.drop())

const table = { schema: 'public', table: '_sallyport_ledger' }

test('a copy forgets ended ones after a week, and never one that still goes on', async () => {
  const session = await openSession(sink, 'ledger test')
  const begin = async (daysAgo: { run: number; part: number }, end?: 'published') => {
    const runId = crypto.randomUUID()
    const ledger = new Ledger(session, table, runId)
    await ledger.create()
    await ledger.claimRun(1)
    await ledger.takePart({ part: 0, epoch: 1 })
    if (end) await ledger.claimRun(1, end)
    await sink.client.query(
      `UPDATE _sallyport_ledger SET updated_at = now() - make_interval(days => CASE part WHEN -1 THEN $2::int ELSE $3::int END)
       WHERE run_id = $1`,
      [runId, daysAgo.run, daysAgo.part],
    )
    return runId
  }
  const ended = await begin({ run: 8, part: 9 }, 'published')
  const endedLately = await begin({ run: 6, part: 9 }, 'published')
  const long = await begin({ run: 100, part: 1 })
  const waiting = await begin({ run: 30, part: 30 })
  const givenUp = await begin({ run: 91, part: 91 })
  await new Ledger(session, table, crypto.randomUUID()).create()
  const { rows } = await sink.client.query<{ id: string }>(
    'SELECT DISTINCT run_id AS id FROM _sallyport_ledger',
  )
  const kept = rows.map(({ id }) => id)
  expect(kept).toEqual(expect.arrayContaining([endedLately, long, waiting]))
  expect(kept).not.toContain(ended)
  expect(kept).not.toContain(givenUp)
  await session.close()
})
