import { expect, test } from 'vitest'
import {
  cleanUp,
  nextEpoch,
  prepare,
  publish,
  runCopy,
  runPart,
  testContext,
} from '../../../testing/copy-harness.ts'
import { databasesWithMany, inSmallChunks } from '../../../testing/many-rows.ts'
import { openSession, rowsOf, tableCopy } from '../../../testing/table-copies.ts'
import { Ledger } from './ledger.ts'

const databases = databasesWithMany()

test('a zombie of an older epoch never commits, neither a chunk nor a publish', async () => {
  const { sink } = databases
  await sink.client.query(
    'CREATE TABLE fought (id int PRIMARY KEY, name text, price numeric(9,2), at timestamptz)',
  )
  const copy = tableCopy(databases, 'many', { to: 'fought', options: { verification: 'stream' } })
  const ctx = testContext()
  const plan = inSmallChunks(await prepare(copy, ctx))
  const [older, newer] = [nextEpoch(), nextEpoch()]
  // The older owner is paused before its first commit; the newer one does the whole part meanwhile.
  const isPaused = Promise.withResolvers<void>()
  const resume = Promise.withResolvers<void>()
  const zombie = runPart(
    { copy, plan, index: 0, epoch: older },
    { ...ctx, secretFor: pausing(ctx, isPaused, resume) },
  )
  await isPaused.promise
  const result = await runPart({ copy, plan, index: 0, epoch: newer }, ctx)
  resume.resolve()
  await expect(zombie).rejects.toMatchObject({ code: 'fenced' })
  await publish({ copy, plan, results: [{ index: 0, epoch: newer, result }] }, ctx)
  await expect(runPart({ copy, plan, index: 0, epoch: older }, ctx)).rejects.toMatchObject({ code: 'fenced' })
  expect((await sink.client.query('SELECT FROM fought')).rowCount).toBe(20_000)
  await ctx.holder.releaseAll()
})

function pausing(
  ctx: ReturnType<typeof testContext>,
  isPaused: PromiseWithResolvers<void>,
  resume: PromiseWithResolvers<void>,
): typeof ctx.secretFor {
  return async (store) => {
    isPaused.resolve()
    await resume.promise
    return ctx.secretFor(store)
  }
}

test('of two owners in the middle of a chunk only the later one can commit', async () => {
  const { client } = databases.sink
  await client.query('CREATE TABLE chunked (a int)')
  const runId = crypto.randomUUID()
  const open = async () => {
    const session = await openSession(databases.sink, 'unrelated name')
    return { session, ledger: new Ledger(session, { schema: 'public', table: '_sallyport_ledger' }, runId) }
  }
  const [first, second] = [await open(), await open()]
  await first.ledger.create()
  await first.ledger.claimRun(1)
  await first.ledger.takePart({ part: 0, epoch: 2 })
  const next = { position: 1, rows: 1n, bytes: 4n, digest: '', isDone: false }
  await first.session.query('BEGIN; INSERT INTO public.chunked VALUES (1)')
  await second.ledger.takePart({ part: 0, epoch: 3 })
  await expect(
    first.session.query(first.ledger.commitPartSql({ part: 0, epoch: 2 }, 0, next)),
  ).rejects.toThrow()
  await first.session.query('ROLLBACK')
  await second.session.query('BEGIN; INSERT INTO public.chunked VALUES (2)')
  await second.session.query(second.ledger.commitPartSql({ part: 0, epoch: 3 }, 0, next))
  expect(await rowsOf(databases.sink, 'chunked')).toEqual(['(2)'])
  // The same step a second time, as after a lost answer, does not commit either.
  await second.session.query('BEGIN; INSERT INTO public.chunked VALUES (3)')
  await expect(
    second.session.query(second.ledger.commitPartSql({ part: 0, epoch: 3 }, 0, next)),
  ).rejects.toThrow()
  await Promise.all([first.session.close(), second.session.close()])
  expect(await rowsOf(databases.sink, 'chunked')).toEqual(['(2)'])
})

test('the lease is looked at before every commit', async () => {
  const copy = tableCopy(databases, 'many', { to: 'leased' })
  const ctx = testContext()
  const plan = await prepare(copy, ctx)
  await expect(
    runPart({ copy, plan, index: 0 }, testContext({ canCommit: () => false })),
  ).rejects.toMatchObject({
    code: 'fenced',
  })
  expect((await runPart({ copy, plan, index: 0 }, ctx)).rowsResumed).toBe('0')
  await ctx.holder.releaseAll()
})

test('clean-up ends the run: a late part is fenced, and a second clean-up finds nothing', async () => {
  const copy = tableCopy(databases, 'many', { to: 'cleaned' })
  const ctx = testContext()
  const plan = await prepare(copy, ctx)
  const late = nextEpoch()
  expect(await cleanUp(copy, plan, ctx)).toHaveLength(1)
  await expect(runPart({ copy, plan, index: 0, epoch: late }, ctx)).rejects.toMatchObject({ code: 'fenced' })
  expect(await cleanUp(copy, undefined, ctx)).toEqual([])
  // A retry begins anew.
  const { receipt } = await runCopy(copy, ctx)
  expect(receipt.rowsWritten).toBe('20000')
})
