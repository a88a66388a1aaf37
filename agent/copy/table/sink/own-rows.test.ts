import { Client } from 'pg'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { digestHex, emptyDigest } from '../../../digest/row-digest.ts'
import {
  nextEpoch,
  postgresStore,
  prepare,
  publish,
  runCopy,
  runPart,
  testContext,
} from '../../../testing/copy-harness.ts'
import { createDatabases, openSession, rowsOf, tableCopy } from '../../../testing/table-copies.ts'
import { OwnRows } from './own-rows.ts'
import { readFrames } from './read-back.ts'

let databases: Awaited<ReturnType<typeof createDatabases>>

beforeAll(async () => {
  databases = await createDatabases(inject('postgresUrl'))
  await databases.source.client.query(
    `CREATE TABLE rows (id int, name text, price numeric(9,2));
     INSERT INTO rows SELECT i, 'name ' || i, i / 100.0 FROM generate_series(1, 30000) AS i`,
  )
})
afterAll(() => databases[Symbol.asyncDispose]())

const content = { verification: 'content', parallelCopies: 3 } as const

async function createTarget(name: string): Promise<void> {
  await databases.sink.client.query(`CREATE TABLE ${name} (id int, name text, price numeric(9,2))`)
}

test('an append at level content writes each row once, and reads it again before it is committed', async () => {
  await createTarget('once')
  const { receipt, plan } = await runCopy(tableCopy(databases, 'rows', { to: 'once', options: content }))
  expect(plan).toMatchObject({ writesThrough: true, verification: 'content' })
  expect(plan.guaranteeReason).toContain('read again, then committed')
  expect(receipt.checks.join()).toContain('rows were read again with the same digest')
  expect(await rowsOf(databases.sink, 'once')).toEqual(await rowsOf(databases.source, 'rows'))
})

test('rows that fill holes at the beginning of a large table are found as well', async () => {
  const { client } = databases.sink
  await createTarget('holes')
  await client.query(
    `INSERT INTO holes SELECT -i, repeat('x', 400), 0 FROM generate_series(1, 60000) AS i;
     DELETE FROM holes WHERE id > -20000`,
  )
  await client.query('VACUUM holes')
  const copy = tableCopy(databases, 'rows', {
    to: 'holes',
    options: { verification: 'content', parallelCopies: 1 },
  })
  const { receipt } = await runCopy(copy)
  expect(receipt.rowsWritten).toBe('30000')
  const { rows } = await client.query(
    'SELECT count(*)::int AS rows, min(ctid)::text AS first FROM holes WHERE id > 0',
  )
  expect(rows).toEqual([{ rows: 30000, first: '(0,1)' }])
})

test.each([
  [
    'a trigger',
    (name: string) => `CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
     CREATE TRIGGER any_trigger BEFORE INSERT ON ${name} FOR EACH ROW EXECUTE FUNCTION ${name}()`,
  ],
  ['a rule', (name: string) => `CREATE RULE any_rule AS ON UPDATE TO ${name} DO ALSO NOTHING`],
  ['children', (name: string) => `CREATE TABLE ${name}_child () INHERITS (${name})`],
])('a table with %s is filled by way of a temporary table', async (what, change) => {
  const name = `staged_${what.replaceAll(' ', '_')}`
  await createTarget(name)
  await databases.sink.client.query(change(name))
  const { plan } = await runCopy(tableCopy(databases, 'rows', { to: name, options: content }))
  expect(plan).toMatchObject({
    writesThrough: true,
    engine: { sink: { mode: 'direct', chunks: 'temporary' } },
  })
  expect(await rowsOf(databases.sink, name)).toHaveLength(30000)
})

test.each([
  ['may not read the table', '', { mode: 'direct', chunks: 'temporary' }],
  [
    'may make no temporary table either',
    'REVOKE TEMPORARY ON DATABASE current FROM PUBLIC',
    { mode: 'insert' },
  ],
])('a login that %s keeps the guarantee', async (_, change, sinkEngine) => {
  const { sink } = databases
  await sink.client.query('DROP TABLE IF EXISTS unread')
  await createTarget('unread')
  const login = `writer_${process.pid}`
  const database = new URL(sink.url).pathname.slice(1)
  await sink.client.query(
    `CREATE ROLE ${login} LOGIN PASSWORD 'pw'; GRANT INSERT ON unread TO ${login}; GRANT CREATE ON SCHEMA public TO ${login};
     ${change.replace('current', database)}`,
  )
  const copy = tableCopy(databases, 'rows', { to: 'unread', options: content })
  const store = postgresStore(new URL(sink.url), { username: login, password: 'pw' })
  const { plan, receipt } = await runCopy({ ...copy, sink: { ...copy.sink, store } })
  expect(plan).toMatchObject({ guarantee: 'exactly-once', engine: { sink: sinkEngine } })
  expect(receipt.rowsWritten).toBe('30000')
  expect(await rowsOf(sink, 'unread')).toHaveLength(30000)
  await sink.client.query(
    `GRANT TEMPORARY ON DATABASE ${database} TO PUBLIC; DROP OWNED BY ${login}; DROP ROLE ${login}`,
  )
})

test('rows that something changes on the way are not committed', async () => {
  const { client } = databases.sink
  await createTarget('changed')
  const copy = tableCopy(databases, 'rows', { to: 'changed', options: content })
  const ctx = testContext()
  const plan = await prepare(copy, ctx)
  // After the plan was made, as somebody might who does not know of the copy.
  await client.query(
    `CREATE FUNCTION change() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN IF NEW.id = 77 THEN NEW.price := NEW.price + 0.01; END IF; RETURN NEW; END $$;
     CREATE TRIGGER change BEFORE INSERT ON changed FOR EACH ROW EXECUTE FUNCTION change()`,
  )
  await expect(runPart({ copy, plan, index: 0 }, ctx)).rejects.toMatchObject({
    code: 'verification_failed',
    side: 'sink',
  })
  expect(await rowsOf(databases.sink, 'changed')).toEqual([])
  // The next attempt goes on when the cause is gone.
  await client.query('DROP TRIGGER change ON changed')
  const results = []
  for (const { index } of plan.parts) {
    const epoch = nextEpoch()
    results.push({ index, epoch, result: await runPart({ copy, plan, index, epoch }, ctx) })
  }
  await publish({ copy, plan, results }, ctx)
  expect(await rowsOf(databases.sink, 'changed')).toHaveLength(30000)
  await ctx.holder.releaseAll()
})

test(
  'each of 1,000 corruptions of written rows is caught before the commit',
  { timeout: 120_000 },
  async () => {
    await createTarget('sabotaged')
    const admin = new Client(databases.sink.url)
    await admin.connect()
    await admin.query("INSERT INTO sabotaged SELECT -i, 'other', 1 FROM generate_series(1, 100) AS i")
    await admin.end()
    const session = await openSession(databases.sink, 'own rows')
    await session.useLoginsPath()
    const engine = { writeTo: { schema: 'public', table: 'sabotaged' }, columns: ['id', 'name', 'price'] }
    const write = async () => {
      await session.query('BEGIN')
      const own = await OwnRows.begin(session, engine)
      await session.query(
        "INSERT INTO sabotaged SELECT i, 'name ' || i, i / 100.0 FROM generate_series(1, 250) AS i",
      )
      return own
    }
    const clean = await (await write()).find(250n, readFrames('binary'))
    expect(clean.rows).toBe(250n)
    expect(digestHex(clean)).not.toBe(digestHex(emptyDigest))
    await session.query('ROLLBACK')
    const flips = ["name = 'Name ' || id", 'price = price + 0.01', 'id = id # 256', 'name = NULL']
    for (let turn = 0; turn < 1000; turn += 1) {
      const [id, other] = [1 + (turn % 250), 1 + ((turn * 7 + 13) % 250)]
      const flip = `UPDATE sabotaged SET ${flips[(turn % 16) >> 2]} WHERE id = ${id}`
      const sabotage = [
        flip,
        `DELETE FROM sabotaged WHERE id = ${id}`,
        `INSERT INTO sabotaged SELECT * FROM sabotaged WHERE id = ${id}`,
        `UPDATE sabotaged AS a SET name = b.name FROM sabotaged AS b WHERE (a.id, b.id) IN ((${id}, ${other}), (${other}, ${id}))`,
      ][turn % 4]
      const own = await write()
      await session.query(id === other ? flip : (sabotage ?? flip))
      await expect(own.verify(clean, readFrames('binary')), sabotage).rejects.toMatchObject({
        code: 'verification_failed',
      })
      await session.query('ROLLBACK')
    }
    await (await write()).verify(clean, readFrames('binary'))
    await session.query('COMMIT')
    await session.close()
  },
)
