import { Client } from 'pg'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { CopyPlan } from '../../../lib/protocol/copy-plan.ts'
import { PostgreSqlAddress } from '../../../lib/protocol/stores.ts'
import { PgSession } from '../../connectors/postgresql/session.ts'
import {
  cleanUp,
  nextEpoch,
  postgresStore,
  prepare,
  publish,
  runCopy,
  runPart,
  runParts,
  testContext,
} from '../../testing/copy-harness.ts'
import { createDatabases, rowsOf, tableCopy } from '../../testing/table-copies.ts'
import { digestHex } from '../../digest/row-digest.ts'
import { digestTable, readFrames } from './read-back.ts'
import { Ledger } from './ledger.ts'

let databases: Awaited<ReturnType<typeof createDatabases>>

beforeAll(async () => {
  databases = await createDatabases(inject('postgresUrl'))
  await databases.source.client.query(
    `CREATE TABLE many (id int PRIMARY KEY, name text, price numeric(9,2), at timestamptz);
     INSERT INTO many SELECT i, 'name ' || i, i / 3.0, '2020-01-01 00:00+00'::timestamptz + i * interval '1 hour'
     FROM generate_series(1, 20000) AS i`,
  )
})
afterAll(() => databases[Symbol.asyncDispose]())

/** The plan with chunks of a few blocks, so that a small table has many of them. */
function inSmallChunks(plan: CopyPlan): CopyPlan {
  const parts = plan.parts.map((part) => ({
    ...part,
    engine: { ranges: (part.engine['ranges'] as object[]).map((range) => ({ ...range, chunkBlocks: 8 })) },
  }))
  return { ...plan, parts }
}

test.each(['append', 'overwrite'] as const)(
  'a part that is stopped in the middle goes on from its last commit (%s)',
  async (writeBehavior) => {
    const { source, sink } = databases
    const to = `resumed_${writeBehavior}`
    await sink.client.query(`CREATE TABLE ${to} (LIKE many_shape)`.replace('many_shape', await shapeAtSink()))
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

async function shapeAtSink(): Promise<string> {
  await databases.sink.client.query(
    'CREATE TABLE IF NOT EXISTS shape (id int PRIMARY KEY, name text, price numeric(9,2), at timestamptz)',
  )
  return 'shape'
}

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
  const { client, store } = databases.sink
  await client.query('CREATE TABLE chunked (a int)')
  const runId = crypto.randomUUID()
  const open = async () => {
    const address = PostgreSqlAddress.parse(store.address)
    const login = {
      address,
      secret: await testContext().secretFor(store),
      allowedHosts: [],
      applicationName: 'unrelated name',
    }
    const session = await PgSession.open(login, { store: 'sink' }, new AbortController().signal)
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

test('content level catches each of 1,000 corruptions planted in staging', { timeout: 120_000 }, async () => {
  const { store } = databases.sink
  const copy = tableCopy(databases, 'many', {
    query: 'SELECT * FROM many WHERE id <= 250',
    to: 'corrupted',
    mapping: ['id', 'name', 'price', 'at'].map((name) => ({ source: name, sink: name })),
  })
  const ctx = testContext()
  const plan = await prepare(copy, ctx)
  const [result] = await runParts(copy, plan, ctx)
  const engine = plan.engine['sink'] as { writeTo: { table: string }; columns: string[] }
  const address = PostgreSqlAddress.parse(store.address)
  const session = await PgSession.open(
    { address, secret: await ctx.secretFor(store), allowedHosts: [], applicationName: 'saboteur' },
    { store: 'sink' },
    ctx.signal,
  )
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

test.each([
  ['53100', 'sink_full', 'disk of the server is full'],
  ['42501', 'permission_denied', 'rights'],
  ['23505', 'key_violation', 'a key occurs twice'],
])('error %s of the sink ends the part as %s and leaves no chunk behind', async (state, code, text) => {
  const { sink } = databases
  const to = `raising_${state}`
  await sink.client.query(
    `CREATE TABLE ${to} (id int, name text, price numeric(9,2), at timestamptz);
     CREATE FUNCTION ${to}() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN IF NEW.id = 15000 THEN RAISE EXCEPTION 'rights' USING ERRCODE = '${state}'; END IF; RETURN NEW; END $$;
     CREATE TRIGGER raising BEFORE INSERT ON ${to} FOR EACH ROW EXECUTE FUNCTION ${to}()`,
  )
  const copy = tableCopy(databases, 'many', { to, options: { verification: 'stream' } })
  const failure = await runCopy(copy).catch((error: unknown) => error)
  expect(failure).toMatchObject({ code, side: 'sink' })
  expect(String(failure)).toContain(text)
  expect((await sink.client.query(`SELECT FROM ${to}`)).rowCount).toBe(0)
})

test('a table dropped while the copy runs, a wrong password and a closed port say so', async () => {
  const { source, sink } = databases
  await sink.client.query('CREATE TABLE dropped (id int, name text, price numeric(9,2), at timestamptz)')
  const copy = tableCopy(databases, 'many', { to: 'dropped', options: { verification: 'stream' } })
  const ctx = testContext()
  const plan = await prepare(copy, ctx)
  await sink.client.query('DROP TABLE dropped')
  await expect(runParts(copy, plan, ctx)).rejects.toMatchObject({ code: 'not_found', side: 'sink' })
  await ctx.holder.releaseAll()
  const wrong = postgresStore(new URL(source.url), { username: 'postgres', password: 'wr0ng-canary' })
  const refused = await runCopy({ ...copy, source: { ...copy.source, store: wrong } }).catch(
    (error: unknown) => error,
  )
  expect(refused).toMatchObject({ code: 'login_failed', side: 'source' })
  expect(String(refused)).not.toContain('canary')
  const closed = { ...sink.store, address: { ...sink.store.address, port: 1 } } as typeof sink.store
  await expect(runCopy({ ...copy, sink: { ...copy.sink, store: closed } })).rejects.toMatchObject({
    code: 'sink_unreachable',
    retryable: true,
  })
})

test('a server that is killed under a part makes it fail as unreachable, and the next attempt completes it', async () => {
  const { sink } = databases
  const copy = tableCopy(databases, 'many', { to: 'cut' })
  const ctx = testContext()
  const plan = inSmallChunks(await prepare(copy, ctx))
  const admin = new Client(sink.url)
  await admin.connect()
  let commits = 0
  let cut: Promise<unknown> | undefined
  const cutting = testContext({
    canCommit: () => {
      commits += 1
      cut ??=
        commits === 3
          ? admin.query(
              "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ~ '^sallyport [0-9a-f]{8}/0/'",
            )
          : undefined
      return true
    },
  })
  await expect(runPart({ copy, plan, index: 0 }, cutting)).rejects.toMatchObject({ code: 'sink_unreachable' })
  await cut
  const result = await runPart({ copy, plan, index: 0 }, ctx)
  expect(result.rowsRead).toBe('20000')
  await admin.end()
  await ctx.holder.releaseAll()
})
