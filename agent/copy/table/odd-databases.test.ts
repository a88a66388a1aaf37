import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createTestDatabase, runCopy } from '../../testing/copy-harness.ts'
import { createDatabases, type Databases, rowsOf, tableCopy } from '../../testing/table-copies.ts'
import { packNote, unpackNote } from './sink/note.ts'

let databases: Databases & AsyncDisposable

beforeAll(async () => {
  databases = await createDatabases(inject('postgresUrl'))
})
afterAll(() => databases[Symbol.asyncDispose]())

const latin1 = "ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"

test('a sink of another encoding keeps the plan, whatever its texts hold, and every character that it has', async () => {
  const { source } = databases
  await source.client.query(
    "CREATE TABLE wide AS SELECT i AS id, 'é' || i AS t, repeat('x', 200) AS p, now() AS at FROM generate_series(1, 4000) AS i",
  )
  const sink = await createTestDatabase(inject('postgresUrl'), latin1)
  try {
    await sink.client.query('CREATE TABLE wide (id int, t text, p text, at timestamp(0))')
    const options = { verification: 'content', parallelCopies: 2 } as const
    const { plan } = await runCopy(tableCopy({ source, sink }, 'wide', { options }))
    // Dashes and arrows, which LATIN1 has not.
    expect(plan.parts[0]?.label).toContain('–')
    expect(plan.columns[3]?.lossy).toContain('→')
    const count = 'SELECT count(*)::int AS rows, sum(length(t))::int AS length FROM wide'
    expect((await sink.client.query(count)).rows).toEqual((await source.client.query(count)).rows)
  } finally {
    await sink.drop()
  }
})

test('a character that the sink has not is named as the reason', async () => {
  const { source } = databases
  await source.client.query("CREATE TABLE plane AS SELECT '🛩️' AS t")
  const sink = await createTestDatabase(inject('postgresUrl'), latin1)
  try {
    const failure = await runCopy(tableCopy({ source, sink }, 'plane')).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'invalid_data', side: 'sink' })
    expect(String(failure)).toContain('encoding')
  } finally {
    await sink.drop()
  }
})

test('a note comes back as it was, and is ASCII in between', () => {
  const note = { plan: { label: 'blocks 0–8191', names: ['é', '\\u2013', '🛩️'] }, plain: 'x', count: 3 }
  const packed = packNote(note)
  expect(packed).toMatch(/^[\0-\x7f]*$/)
  expect(unpackNote(JSON.parse(packed))).toEqual(note)
  expect(unpackNote({ plan: note.plan })).toEqual({ plan: note.plan })
  expect(unpackNote(null)).toBeNull()
})

test('what an administrator set for a database neither changes values nor ends a long copy', async () => {
  const { source } = databases
  await source.client.query(
    "CREATE TYPE mark AS ENUM ('a'); CREATE TABLE gaps AS SELECT ARRAY['x', NULL] AS t, ARRAY['a', NULL]::mark[] AS m",
  )
  const sink = await createTestDatabase(inject('postgresUrl'))
  try {
    const name = new URL(sink.url).pathname.slice(1)
    await sink.client.query(
      `CREATE TYPE mark AS ENUM ('a'); ALTER DATABASE ${name} SET array_nulls = off;
       ALTER DATABASE ${name} SET transaction_timeout = '10min'; ALTER DATABASE ${name} SET idle_session_timeout = '10min';
       ALTER DATABASE ${name} SET default_transaction_isolation = 'serializable'`,
    )
    const { plan } = await runCopy(
      tableCopy({ source, sink }, 'gaps', { options: { verification: 'stream' } }),
    )
    expect(plan.canonicalForm).toBe('pg-text')
    expect(await rowsOf(sink, 'gaps')).toEqual(await rowsOf(source, 'gaps'))
    const names = ['transaction_timeout', 'idle_session_timeout', 'default_transaction_isolation']
    const query = `SELECT ${names.map((each) => `current_setting('${each}') AS ${each}`).join(', ')}`
    // The other way round: the source says what it was told.
    await runCopy(tableCopy({ source: sink, sink: source }, 'told', { query }))
    expect(await rowsOf(source, 'told')).toEqual(['(0,0,"read committed")'])
  } finally {
    await sink.drop()
  }
})
