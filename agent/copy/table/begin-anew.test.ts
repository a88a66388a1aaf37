import { expect, test } from 'vitest'
import type { CopyPlan, CopySpec } from '../../../lib/protocol/copy-plan.ts'
import { endCleanUp, prepare, runCopy, runPart, testContext } from '../../testing/copy-harness.ts'
import { databasesWithMany, inSmallChunks } from '../../testing/many-rows.ts'
import { rowsOf, tableCopy } from '../../testing/table-copies.ts'

const databases = databasesWithMany()
const columns = '(id int PRIMARY KEY, name text, price numeric(9,2), at timestamptz)'

/** Copies a few chunks until the node is gone, and its snapshot with it; then another table takes the source's name. */
async function copyUntilReplaced(copy: CopySpec, { from, commits }: { from: string; commits: number }) {
  await databases.source.client.query(`CREATE TABLE ${from} AS TABLE many`)
  const ctx = testContext()
  const plan = inSmallChunks(await prepare(copy, ctx))
  let asked = 0
  const canCommit = () => (asked += 1) <= commits
  await expect(runPart({ copy, plan, index: 0 }, testContext({ canCommit }))).rejects.toThrow('lease lapsed')
  await ctx.holder.releaseAll()
  await databases.source.client.query(
    `DROP TABLE ${from}; CREATE TABLE ${from} AS SELECT * FROM many WHERE id % 3 = 0`,
  )
  await expect(runPart({ copy, plan, index: 0 }, ctx)).rejects.toMatchObject({ code: 'source_changed' })
  return plan
}

const cleanUpAgain = async (copy: CopySpec, plan: CopyPlan) => [
  await endCleanUp(copy, plan, testContext()),
  await endCleanUp(copy, plan, testContext()),
]

test.each(['overwrite', 'upsert', 'append'] as const)(
  'the same run begins anew on a source that was replaced: what was staged is gone (%s)',
  async (writeBehavior) => {
    const [from, to] = [`staged_from_${writeBehavior}`, `staged_${writeBehavior}`]
    if (writeBehavior !== 'append') await databases.sink.client.query(`CREATE TABLE ${to} ${columns}`)
    const copy = tableCopy(databases, to, { from, writeBehavior, keys: ['id'] })
    const plan = await copyUntilReplaced(copy, { from, commits: 3 })
    const [first, again] = await cleanUpAgain(copy, plan)
    expect(first?.removed).toHaveLength(1)
    expect([first?.rowsLeft, again?.rowsLeft]).toEqual([undefined, undefined])
    await runCopy(copy)
    expect(await rowsOf(databases.sink, to)).toEqual(await rowsOf(databases.source, from))
  },
)

test('an append that had committed nothing says so, and begins anew', async () => {
  await databases.sink.client.query(`CREATE TABLE untouched ${columns}`)
  const copy = tableCopy(databases, 'untouched', { from: 'from_untouched' })
  const plan = await copyUntilReplaced(copy, { from: 'from_untouched', commits: 0 })
  expect(plan.writesThrough).toBe(true)
  for (const { rowsLeft } of await cleanUpAgain(copy, plan)) expect(rowsLeft).toBe('0')
  await runCopy(copy)
  expect(await rowsOf(databases.sink, 'untouched')).toEqual(await rowsOf(databases.source, 'from_untouched'))
})

test('an append says how many rows stay in the target, as often as it is asked', async () => {
  await databases.sink.client.query(`CREATE TABLE touched ${columns}`)
  const copy = tableCopy(databases, 'touched', { from: 'from_touched' })
  const plan = await copyUntilReplaced(copy, { from: 'from_touched', commits: 3 })
  const { rows } = await databases.sink.client.query<{ n: string }>('SELECT count(*)::text AS n FROM touched')
  expect(Number(rows[0]?.n)).toBeGreaterThan(0)
  for (const { rowsLeft } of await cleanUpAgain(copy, plan)) expect(rowsLeft).toBe(rows[0]?.n)
})

test('what a ledger no longer remembers is not called nothing', async () => {
  await databases.sink.client.query(`CREATE TABLE forgotten ${columns}`)
  const copy = tableCopy(databases, 'forgotten', { from: 'from_forgotten' })
  const plan = await copyUntilReplaced(copy, { from: 'from_forgotten', commits: 3 })
  await databases.sink.client.query('DELETE FROM _sallyport_ledger')
  for (const { rowsLeft } of await cleanUpAgain(copy, plan)) expect(rowsLeft).toBeUndefined()
})
