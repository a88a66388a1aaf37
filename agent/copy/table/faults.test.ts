import { Client } from 'pg'
import { expect, test } from 'vitest'
import {
  postgresStore,
  prepare,
  runCopy,
  runPart,
  runParts,
  testContext,
} from '../../testing/copy-harness.ts'
import { databasesWithMany, inSmallChunks } from '../../testing/many-rows.ts'
import { tableCopy } from '../../testing/table-copies.ts'
import { sessionName } from './sink/ledger.ts'

const databases = databasesWithMany()

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
              // The source is on the same server, and its sessions have the same name.
              `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND starts_with(application_name, $1)`,
              [sessionName(copy.activityRunId, 0, null)],
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
