import { createServer, type Server } from 'node:net'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { generateVaultKeyPair, open } from '../../../lib/protocol/sealing.ts'
import type { ItemRef } from '../../../lib/protocol/interactive.ts'
import type { StoreRef } from '../../../lib/protocol/stores.ts'
import type { TaskResult, TaskSpec } from '../../../lib/protocol/task.ts'
import { runTask } from '../../copy/run-task.ts'
import {
  createTestDatabase,
  postgresStore,
  type TestDatabase,
  testContext,
} from '../../testing/copy-harness.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createTestDatabase(inject('postgresUrl'))
  await database.client.query(`
    CREATE SCHEMA air;
    CREATE TABLE air.flights (id int PRIMARY KEY, "Origin" varchar(3) NOT NULL, delay numeric(6,2), raw bytea);
    CREATE VIEW air.late AS SELECT * FROM air.flights WHERE delay > 10;
    INSERT INTO air.flights SELECT i, 'FRA', nullif(i, 3), '\\x00ff' FROM generate_series(1, 200) AS i;
    ANALYZE air.flights;`)
})
afterAll(() => database.drop())

type Results = { [Answer in TaskResult as Answer['kind']]: Answer['result'] }

async function ask<Kind extends keyof Results>(spec: TaskSpec & { kind: Kind }): Promise<Results[Kind]> {
  const task = { taskId: crypto.randomUUID(), epoch: 1, attempt: 1, spec }
  const answer = await runTask(task, testContext())
  expect(answer.kind).toBe(spec.kind)
  return answer.result as Results[Kind]
}

const table: ItemRef = { kind: 'table', schema: 'air', table: 'flights' }

test('browse lists schemas, then tables and views with their estimated rows', async () => {
  const schemas = await ask({ kind: 'browse', store: database.store, path: [] })
  expect(schemas.items).toEqual([
    { name: 'air', kind: 'schema' },
    { name: 'public', kind: 'schema' },
  ])
  const tables = await ask({ kind: 'browse', store: database.store, path: ['air'], filter: 'L' })
  expect(tables).toEqual({
    items: [
      { name: 'flights', kind: 'table', estimatedRows: '200' },
      { name: 'late', kind: 'view' },
    ],
    truncated: false,
  })
  expect((await ask({ kind: 'browse', store: database.store, path: ['air'], filter: 'x' })).items).toEqual([])
})

test('describe names columns, types and key of a table, and the columns of a query', async () => {
  const { columns, estimatedRows } = await ask({ kind: 'describe', store: database.store, item: table })
  expect(estimatedRows).toBe('200')
  expect(columns).toEqual([
    { name: 'id', type: 'integer', nullable: false, isKey: true },
    { name: 'Origin', type: 'character varying(3)', nullable: false, isKey: false },
    { name: 'delay', type: 'numeric(6,2)', nullable: true, isKey: false },
    { name: 'raw', type: 'bytea', nullable: true, isKey: false },
  ])
  const item: ItemRef = {
    kind: 'query',
    query: 'SELECT count(*), max(delay) AS worst FROM air.flights; -- all',
  }
  const query = await ask({ kind: 'describe', store: database.store, item })
  expect(query.columns.map(({ name, type }) => `${name} ${type}`)).toEqual(['count bigint', 'worst numeric'])
})

test('preview rows are sealed for the key of the browser that asked', async () => {
  const keys = await generateVaultKeyPair()
  const requestId = crypto.randomUUID()
  const request = { kind: 'preview', store: database.store, item: table, requestId } as const
  const sealed = await ask({ ...request, limit: 3, recipientKey: keys.publicKey })
  expect(JSON.stringify(sealed)).not.toContain('FRA')
  const plain = await open({ privateKey: keys.privateKey, purpose: 'preview' }, { requestId }, sealed)
  expect(JSON.parse(new TextDecoder().decode(plain)).rows).toEqual([
    ['1', 'FRA', '1.00', '\\x00ff'],
    ['2', 'FRA', '2.00', '\\x00ff'],
    ['3', 'FRA', null, '\\x00ff'],
  ])
})

test('a previewed query can change nothing, not even as a second statement', async () => {
  const preview = (query: string) =>
    ask({
      kind: 'preview',
      store: database.store,
      item: { kind: 'query', query },
      limit: 1,
      recipientKey: '',
      requestId: crypto.randomUUID(),
    })
  await expect(
    preview('SELECT 1) AS a; COMMIT; DROP TABLE air.flights; SELECT * FROM (SELECT 1'),
  ).rejects.toThrow('multiple commands')
  await expect(
    preview('WITH gone AS (DELETE FROM air.flights RETURNING 1) SELECT * FROM gone'),
  ).rejects.toThrow('data-modifying')
  expect((await database.client.query('SELECT FROM air.flights')).rowCount).toBe(200)
})

test('a connection test walks through every step and says what the login may do', async () => {
  const result = await ask({ kind: 'testConnection', store: database.store })
  expect(result.ok).toBe(true)
  expect(result.serverVersion).toMatch(/^PostgreSQL 18/)
  expect(result.steps.map(({ step }) => step)).toEqual(['policy', 'credential', 'tcp', 'login', 'permission'])
  expect(result.steps.at(-1)?.detail).toContain('may create tables in air, public')
})

test.each([
  ['dns', { host: 'no-such-host.invalid' }, 'could not be resolved'],
  ['tcp', { port: 1 }, 'nothing listens at this address'],
  ['tls', { sslMode: 'verify-full' as const }, 'does not offer TLS'],
  ['login', { database: 'missing' }, 'database "missing" does not exist'],
])('a connection test stops at %s and says why', async (step, change, reason) => {
  const store = { ...database.store, address: { ...database.store.address, ...change } } as StoreRef
  const result = await ask({ kind: 'testConnection', store })
  expect(result.ok).toBe(false)
  expect(result.steps.at(-1)).toMatchObject({ step, ok: false })
  expect(result.steps.at(-1)?.detail).toContain(reason)
})

test('no connection is made to a host that the node does not allow, whatever its name leads to', async () => {
  const store = {
    ...database.store,
    address: { ...database.store.address, host: 'localhost' },
  } as StoreRef
  const strict = testContext({ allowedHosts: ['10.0.0.0/8'] })
  const run = (spec: TaskSpec) => runTask({ taskId: crypto.randomUUID(), epoch: 1, attempt: 1, spec }, strict)
  expect(await run({ kind: 'testConnection', store })).toMatchObject({
    result: { ok: false, steps: [{ step: 'policy', ok: false }] },
  })
  await expect(run({ kind: 'browse', store, path: [] })).rejects.toMatchObject({ code: 'policy_denied' })
})

test('a wrong password is named as such, and never repeated', async () => {
  const store = postgresStore(new URL(database.url), { username: 'postgres', password: 'wr0ng-canary' })
  const result = await ask({ kind: 'testConnection', store })
  expect(result.steps.at(-1)).toMatchObject({ step: 'login', ok: false })
  expect(result.steps.at(-1)?.detail).toContain('the user name or password is wrong')
  expect(JSON.stringify(result)).not.toContain('canary')
})

test('a server that accepts and then cuts is unreachable', async () => {
  const server: Server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const store = {
    ...database.store,
    address: { ...database.store.address, host: '127.0.0.1', port },
  } as StoreRef
  const result = await ask({ kind: 'testConnection', store })
  expect(result.steps.at(-1)?.detail).toContain('the connection was cut')
  server.close()
})
