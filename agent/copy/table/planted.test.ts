import { expect, test } from 'vitest'
import { digestHex } from '../../digest/row-digest.ts'
import { cleanUp, prepare, publish, runParts, testContext } from '../../testing/copy-harness.ts'
import { databasesWithMany } from '../../testing/many-rows.ts'
import { openSession, tableCopy } from '../../testing/table-copies.ts'
import { digestTable, readFrames } from './sink/read-back.ts'

const databases = databasesWithMany()

test('content level catches each of 1,000 corruptions planted in staging', { timeout: 120_000 }, async () => {
  const copy = tableCopy(databases, 'many', {
    query: 'SELECT * FROM many WHERE id <= 250',
    to: 'corrupted',
    mapping: ['id', 'name', 'price', 'at'].map((name) => ({ source: name, sink: name })),
  })
  const ctx = testContext()
  const plan = await prepare(copy, ctx)
  const [result] = await runParts(copy, plan, ctx)
  const engine = plan.engine['sink'] as { writeTo: { table: string }; columns: string[] }
  const session = await openSession(databases.sink, 'saboteur')
  const table = engine.writeTo.table
  await session.useLoginsPath()
  const writeTo = { schema: 'public', table }
  const read = () =>
    digestTable([session, session], { writeTo, columns: engine.columns }, readFrames('binary'))
  expect(digestHex(await read())).toBe(result?.result.readDigest)
  const column = [
    'name = overlay(name PLACING chr(ascii(substr(name, 6)) # 1) FROM 6)',
    'price = price + 0.01',
    "at = at + interval '1 microsecond'",
    'name = NULL',
  ]
  for (let turn = 0; turn < 1000; turn += 1) {
    const [id, other] = [1 + (turn % 250), 1 + ((turn * 7 + 13) % 250)]
    const flip = `UPDATE ${table} SET ${column[(turn % 16) >> 2]} WHERE id = ${id}`
    const sabotage = [
      flip,
      `DELETE FROM ${table} WHERE id = ${id}`,
      `INSERT INTO ${table} SELECT * FROM ${table} WHERE id = ${id}`,
      `UPDATE ${table} AS a SET name = b.name FROM ${table} AS b WHERE (a.id, b.id) IN ((${id}, ${other}), (${other}, ${id}))`,
    ][turn % 4]
    await session.query(`BEGIN; ${id === other ? flip : sabotage}`)
    expect(digestHex(await read()), sabotage).not.toBe(result?.result.readDigest)
    await session.query('ROLLBACK')
  }
  expect(digestHex(await read())).toBe(result?.result.readDigest)
  // And publish itself refuses: a row dropped and another doubled keep the count.
  await session.query(
    `UPDATE ${table} SET (id, name, price, at) = (SELECT 2, name, price, at FROM ${table} WHERE id = 2) WHERE id = 1`,
  )
  await session.close()
  await expect(publish({ copy, plan, results: result ? [result] : [] }, ctx)).rejects.toMatchObject({
    code: 'verification_failed',
  })
  expect((await databases.sink.client.query("SELECT to_regclass('corrupted') AS found")).rows).toEqual([
    { found: null },
  ])
  expect(await cleanUp(copy, plan, ctx)).toEqual([`public.${table}`])
})
