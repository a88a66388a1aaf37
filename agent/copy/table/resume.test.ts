import { expect, test } from 'vitest'
import {
  cleanUp,
  nextEpoch,
  prepare,
  publish,
  runPart,
  runParts,
  testContext,
} from '../../testing/copy-harness.ts'
import { databasesWithMany, inSmallChunks } from '../../testing/many-rows.ts'
import { rowsOf, tableCopy } from '../../testing/table-copies.ts'

const databases = databasesWithMany()

test.each(['append', 'overwrite'] as const)(
  'a part that is stopped in the middle goes on from its last commit (%s)',
  async (writeBehavior) => {
    const { source, sink } = databases
    const to = `resumed_${writeBehavior}`
    await sink.client.query(
      `CREATE TABLE ${to} (id int NOT NULL, name text, price numeric(9,2), at timestamptz)`,
    )
    const copy = tableCopy(databases, 'many', { to, writeBehavior, options: { verification: 'stream' } })
    const ctx = testContext()
    const plan = inSmallChunks(await prepare(copy, ctx))
    let commits = 0
    const stop = new AbortController()
    const stopping = testContext({
      signal: stop.signal,
      canCommit: () => {
        commits += 1
        if (commits === 5) stop.abort()
        return true
      },
    })
    await expect(runPart({ copy, plan, index: 0 }, stopping)).rejects.toMatchObject({ code: 'cancelled' })
    const epoch = nextEpoch()
    const result = await runPart({ copy, plan, index: 0, epoch }, ctx)
    expect(Number(result.rowsResumed)).toBeGreaterThan(0)
    expect(Number(result.rowsResumed)).toBeLessThan(20_000)
    expect(result).toMatchObject({
      rowsRead: '20000',
      rowsWritten: '20000',
      readDigest: result.writtenDigest,
    })
    const receipt = await publish({ copy, plan, results: [{ index: 0, epoch, result }] }, ctx)
    expect(receipt.rowsWritten).toBe('20000')
    expect(await rowsOf(sink, to)).toEqual(await rowsOf(source, 'many'))
    await ctx.holder.releaseAll()
  },
)

test('a part that finished before its answer was lost is not copied again', async () => {
  const copy = tableCopy(databases, 'many', { to: 'lost_part' })
  const ctx = testContext()
  const plan = await prepare(copy, ctx)
  const first = await runPart({ copy, plan, index: 0 }, ctx)
  const again = await runPart({ copy, plan, index: 0 }, ctx)
  expect(again).toMatchObject({ rowsResumed: '20000', rowsRead: '20000', readDigest: first.readDigest })
  await ctx.holder.releaseAll()
})

test('prepare run again goes on with the same plan and keeps what was committed', async () => {
  const copy = tableCopy(databases, 'many', { to: 'prepared_twice' })
  const ctx = testContext()
  const plan = await prepare(copy, ctx)
  const results = await runParts(copy, plan, ctx)
  const again = await prepare(copy, ctx)
  expect(again.parts).toEqual(plan.parts)
  const receipt = await publish({ copy, plan: again, results }, ctx)
  expect(receipt).toMatchObject({ rowsWritten: '20000', snapshot: 'per part' })
  await ctx.holder.releaseAll()
})

test('publish run again after a lost answer changes nothing and reports the same', async () => {
  const { sink } = databases
  const copy = tableCopy(databases, 'many', { to: 'lost_ack', writeBehavior: 'append' })
  const ctx = testContext()
  const plan = await prepare(copy, ctx)
  const results = await runParts(copy, plan, ctx)
  const receipt = await publish({ copy, plan, results }, ctx)
  expect(await publish({ copy, plan, results }, ctx)).toEqual(receipt)
  expect((await sink.client.query('SELECT FROM lost_ack')).rowCount).toBe(20_000)
  expect(await cleanUp(copy, plan, ctx)).toEqual([])
  expect((await sink.client.query('SELECT FROM lost_ack')).rowCount).toBe(20_000)
  await ctx.holder.releaseAll()
})
