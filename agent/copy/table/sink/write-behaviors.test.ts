import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { prepare, runCopy, testContext } from '../../../testing/copy-harness.ts'
import { createDatabases, rowsOf, tableCopy } from '../../../testing/table-copies.ts'

let databases: Awaited<ReturnType<typeof createDatabases>>

beforeAll(async () => {
  databases = await createDatabases(inject('postgresUrl'))
})
afterAll(() => databases[Symbol.asyncDispose]())

const levels = ['counts', 'stream', 'content'] as const

test.each(levels)(
  'append at level %s adds rows, leaves the others, and fills columns that are not mapped',
  async (level) => {
    const { source, sink } = databases
    const table = `append_${level}`
    await source.client.query(
      `CREATE TABLE ${table} (b text, a int); INSERT INTO ${table} VALUES ('x', 2), (NULL, 3)`,
    )
    await sink.client.query(
      `CREATE TABLE ${table} (a int, b text, at date DEFAULT '2020-01-01', twice int GENERATED ALWAYS AS (a * 2) STORED);
     INSERT INTO ${table} VALUES (1, 'old')`,
    )
    const { receipt } = await runCopy(tableCopy(databases, table, { options: { verification: level } }))
    expect(await rowsOf(sink, table)).toEqual([
      '(1,old,2020-01-01,2)',
      '(2,x,2020-01-01,4)',
      '(3,,2020-01-01,6)',
    ])
    expect(receipt).toMatchObject({ verification: level, rowsWritten: '2', sinkDigest: receipt.sourceDigest })
    expect(receipt.checks.some((check) => check.includes('read again'))).toBe(level === 'content')
    expect(receipt.checks.some((check) => check.includes('digest of the rows as read'))).toBe(
      level !== 'counts',
    )
  },
)

test('overwrite replaces the rows and keeps views, grants, indexes, comments, policies and the table itself', async () => {
  const { source, sink } = databases
  await source.client.query(
    "CREATE TABLE kept (id int PRIMARY KEY, name text); INSERT INTO kept SELECT i, 'n' || i FROM generate_series(1, 9) AS i",
  )
  await sink.client.query(
    `CREATE ROLE reader_${process.pid};
     CREATE TABLE kept (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text CHECK (name <> ''));
     INSERT INTO kept (name) VALUES ('old'); CREATE INDEX kept_name ON kept (name); COMMENT ON TABLE kept IS 'mine';
     CREATE VIEW on_kept AS SELECT count(*) AS rows FROM kept; GRANT SELECT ON kept TO reader_${process.pid}`,
  )
  const facts = () =>
    sink.client.query(
      `SELECT oid, relacl::text, obj_description(oid) AS comment,
         (SELECT array_agg(indexrelid::regclass::text ORDER BY 1) FROM pg_index WHERE indrelid = c.oid) AS indexes
       FROM pg_class c WHERE relname = 'kept'`,
    )
  const before = await facts()
  const { receipt } = await runCopy(tableCopy(databases, 'kept', { writeBehavior: 'overwrite' }))
  expect((await facts()).rows).toEqual(before.rows)
  expect(await rowsOf(sink, 'kept')).toEqual(await rowsOf(source, 'kept'))
  expect((await sink.client.query('SELECT rows::int FROM on_kept')).rows).toEqual([{ rows: 9 }])
  expect(receipt.checks.at(-1)).toContain('TRUNCATE and INSERT')
  const next = await sink.client.query("INSERT INTO kept (name) VALUES ('next') RETURNING id")
  expect(next.rows).toEqual([{ id: 10 }])
  await sink.client.query(`DROP OWNED BY reader_${process.pid}; DROP ROLE reader_${process.pid}`)
})

test('overwrite of a table that others refer to says so and deletes instead of truncating', async () => {
  const { source, sink } = databases
  await source.client.query('CREATE TABLE parent (id int PRIMARY KEY); INSERT INTO parent VALUES (2)')
  await sink.client.query(
    'CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child (id int REFERENCES parent); INSERT INTO parent VALUES (1)',
  )
  const { plan, receipt } = await runCopy(tableCopy(databases, 'parent', { writeBehavior: 'overwrite' }))
  expect(plan.warnings).toEqual([
    'Rows of public.child refer to public.parent of the sink: where one refers to a row that the copy does not bring, the copy ends without replacing any.',
  ])
  expect(receipt.checks.at(-1)).toContain('DELETE and INSERT')
  expect(await rowsOf(sink, 'parent')).toEqual(['(2)'])
})

test('upsert updates by key and inserts the rest', async () => {
  const { source, sink } = databases
  await source.client.query(
    "CREATE TABLE up (k int, v text, w text); INSERT INTO up VALUES (1, 'new', NULL), (3, 'three', 'w')",
  )
  await sink.client.query(
    `CREATE TABLE up (k int PRIMARY KEY, v text, w text, untouched int DEFAULT 5);
     INSERT INTO up VALUES (1, 'old', 'old', 1), (2, 'two', 'old', 2)`,
  )
  for (let time = 0; time < 2; time += 1) {
    await runCopy(tableCopy(databases, 'up', { writeBehavior: 'upsert' }))
    expect(await rowsOf(sink, 'up')).toEqual(['(1,new,,1)', '(2,two,old,2)', '(3,three,w,5)'])
  }
})

test('upsert refuses a key twice in the source, and a key without a unique index before copying', async () => {
  const { source, sink } = databases
  await source.client.query("CREATE TABLE twice (k int, v text); INSERT INTO twice VALUES (1, 'a'), (1, 'b')")
  await sink.client.query('CREATE TABLE twice (k int PRIMARY KEY, v text)')
  const copy = tableCopy(databases, 'twice', { writeBehavior: 'upsert', keys: ['k'] })
  await expect(runCopy(copy)).rejects.toMatchObject({ code: 'key_violation' })
  expect(await rowsOf(sink, 'twice')).toEqual([])
  const other = tableCopy(databases, 'twice', { writeBehavior: 'upsert', keys: ['v'] })
  await expect(runCopy(other)).rejects.toMatchObject({ code: 'schema_mismatch' })
})

test.each(['UNIQUE (k) DEFERRABLE', 'PRIMARY KEY (k, v WITHOUT OVERLAPS)'])(
  'an upsert by %s, which finds no row, is refused before copying',
  async (constraint) => {
    const { source, sink } = databases
    await source.client.query(
      'CREATE TABLE IF NOT EXISTS spans AS SELECT int4range(1, 2) AS k, int4range(1, 5) AS v',
    )
    await sink.client.query(
      `DROP TABLE IF EXISTS spans; CREATE TABLE spans (k int4range, v int4range, ${constraint})`,
    )
    const keys = constraint.startsWith('U') ? ['k'] : ['k', 'v']
    const refused = prepare(tableCopy(databases, 'spans', { writeBehavior: 'upsert', keys }), testContext())
    await expect(refused).rejects.toThrow('neither deferrable nor WITHOUT OVERLAPS')
  },
)

test('upsert into a new table makes the key its primary key', async () => {
  const { source, sink } = databases
  await source.client.query("CREATE TABLE fresh (k int NOT NULL, v text); INSERT INTO fresh VALUES (1, 'a')")
  await runCopy(tableCopy(databases, 'fresh', { writeBehavior: 'upsert', keys: ['k'] }))
  await source.client.query("UPDATE fresh SET v = 'b'")
  await runCopy(tableCopy(databases, 'fresh', { writeBehavior: 'upsert', keys: ['k'] }))
  expect(await rowsOf(sink, 'fresh')).toEqual(['(1,b)'])
})

test('a new table or column whose name the server would cut is refused before anything is made', async () => {
  const { source, sink } = databases
  await source.client.query('CREATE TABLE named AS SELECT 1 AS a')
  const long = 'ü'.repeat(32)
  const mapping = [{ source: 'a', sink: long }]
  for (const copy of [
    tableCopy(databases, 'named', { to: long }),
    { ...tableCopy(databases, 'named', { to: 'named_column' }), mapping },
  ])
    await expect(prepare(copy, testContext())).rejects.toMatchObject({
      code: 'schema_mismatch',
      side: 'sink',
    })
  const { rows } = await sink.client.query(
    "SELECT FROM pg_class WHERE relname LIKE 'ü%' OR relname = 'named_column'",
  )
  expect(rows).toEqual([])
})

test('an empty table is copied as an empty table', async () => {
  const { source, sink } = databases
  await source.client.query('CREATE TABLE nothing (id int PRIMARY KEY, t text NOT NULL)')
  const { receipt } = await runCopy(tableCopy(databases, 'nothing'))
  expect(receipt).toMatchObject({ rowsRead: '0', rowsWritten: '0' })
  expect(await rowsOf(sink, 'nothing')).toEqual([])
})

test('a mapping renames, reorders, leaves out and converts columns', async () => {
  const { source, sink } = databases
  await source.client.query(
    'CREATE TABLE wide (a int PRIMARY KEY, b text, "Odd ""name" text); INSERT INTO wide VALUES (1, \'2.50\', \'z\')',
  )
  const mapping = [
    { source: 'Odd "name', sink: 'plain' },
    { source: 'b', sink: 'B', sinkType: 'numeric(5,1)' },
  ]
  const { plan } = await runCopy(tableCopy(databases, 'wide', { mapping }))
  expect(await rowsOf(sink, 'wide')).toEqual(['(z,2.5)'])
  expect(plan.columns.map(({ sink: { name, type } }) => `${name} ${type}`)).toEqual([
    'plain text',
    'B numeric(5,1)',
  ])
  const { rows } = await sink.client.query("SELECT FROM pg_index WHERE indrelid = 'wide'::regclass")
  expect(rows).toHaveLength(0)
})

test.each([
  [
    'a column without counterpart',
    { mapping: [{ source: 'nope', sink: 'a' }] },
    'no counterpart in the source',
  ],
  ['a missing target', { to: 'missing', createTable: false }, 'public.missing does not exist'],
  ['a target that demands more', { to: 'strict' }, 'demands values for “must”'],
  ['a view as target', { to: 'a_view' }, 'is a view'],
])('%s is refused before the copy', async (_, change, reason) => {
  const { source, sink } = databases
  await source.client.query('CREATE TABLE IF NOT EXISTS checked (a int)')
  await sink.client.query(
    'CREATE TABLE IF NOT EXISTS strict (a int, must int NOT NULL); CREATE OR REPLACE VIEW a_view AS SELECT 1 AS a',
  )
  await expect(runCopy(tableCopy(databases, 'checked', change))).rejects.toThrow(reason)
})

test('rows that a trigger swallows are noticed, and nothing is published', async () => {
  const { source, sink } = databases
  await source.client.query('CREATE TABLE swallowed (a int); INSERT INTO swallowed VALUES (1), (2)')
  await sink.client.query(
    `CREATE TABLE swallowed (a int);
     CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.a = 2 THEN RETURN NULL; END IF; RETURN NEW; END';
     CREATE TRIGGER swallow BEFORE INSERT ON swallowed FOR EACH ROW EXECUTE FUNCTION swallow()`,
  )
  for (const verification of ['stream', 'content'] as const)
    await expect(
      runCopy(tableCopy(databases, 'swallowed', { options: { verification } })),
    ).rejects.toMatchObject({
      code: 'verification_failed',
    })
  expect(await rowsOf(sink, 'swallowed')).toEqual([])
})

test.each([
  {
    name: 'a sequence of int behind bigint',
    column: 'id serial',
    change: 'ALTER id TYPE bigint',
    values: '(3000000000),(7)',
    next: 8,
  },
  {
    name: 'a sequence behind numeric',
    column: 'id serial',
    change: 'ALTER id TYPE numeric',
    values: "('NaN'),(1e30),(7)",
    next: 8,
  },
  {
    name: 'a sequence within a text default',
    column: 'id text',
    change: "ALTER id SET DEFAULT 'no-1'",
    values: "('no-9')",
    next: 1,
  },
])('$name goes on above what it can count', async ({ column, change, values, next }) => {
  const { source, sink } = databases
  const type = change.includes('TYPE') ? change.split(' ').at(-1) : 'text'
  await source.client.query(
    `DROP TABLE IF EXISTS counted; CREATE TABLE counted (id ${type}); INSERT INTO counted VALUES ${values}`,
  )
  await sink.client.query(
    `DROP TABLE IF EXISTS counted; CREATE TABLE counted (${column}); ALTER TABLE counted ${change}`,
  )
  if (type === 'text')
    await sink.client.query(
      'CREATE SEQUENCE counted_id_seq; ALTER SEQUENCE counted_id_seq OWNED BY counted.id',
    )
  await runCopy(tableCopy(databases, 'counted'))
  expect(await rowsOf(sink, 'counted')).toEqual(await rowsOf(source, 'counted'))
  const { rows } = await sink.client.query("SELECT nextval('counted_id_seq')::int AS next")
  expect(rows).toEqual([{ next }])
})

test('an upsert that would have to change an identity is refused before anything is copied', async () => {
  const { source, sink } = databases
  await source.client.query("CREATE TABLE coded AS SELECT 5 AS id, 'a' AS code")
  await sink.client.query(
    "CREATE TABLE coded (id int GENERATED ALWAYS AS IDENTITY, code text UNIQUE); INSERT INTO coded (code) VALUES ('a')",
  )
  const copy = tableCopy(databases, 'coded', { writeBehavior: 'upsert', keys: ['code'] })
  const failure = await prepare(copy, testContext()).catch((error: unknown) => error)
  expect(failure).toMatchObject({ code: 'schema_mismatch', side: 'sink' })
  expect(String(failure)).toContain('“id”')
  await sink.client.query('ALTER TABLE coded ADD PRIMARY KEY (id)')
  await sink.client.query('DELETE FROM coded')
  await runCopy(tableCopy(databases, 'coded', { writeBehavior: 'upsert', keys: ['id'] }))
  expect(await rowsOf(sink, 'coded')).toEqual(['(5,a)'])
})

test.each(['CASCADE', 'SET NULL', 'SET DEFAULT'])(
  'overwrite is refused where it would reach into another table (ON DELETE %s)',
  async (action) => {
    const { source, sink } = databases
    await source.client.query('CREATE TABLE IF NOT EXISTS owner AS SELECT 1 AS id')
    await sink.client.query(
      `DROP TABLE IF EXISTS owner CASCADE; DROP TABLE IF EXISTS owned; CREATE TABLE owner (id int PRIMARY KEY);
       CREATE TABLE owned (id int REFERENCES owner ON DELETE ${action}); INSERT INTO owner VALUES (1); INSERT INTO owned VALUES (1)`,
    )
    const refused = prepare(tableCopy(databases, 'owner', { writeBehavior: 'overwrite' }), testContext())
    await expect(refused).rejects.toThrow('public.owned')
    expect(await rowsOf(sink, 'owned')).toEqual(['(1)'])
  },
)

test('an upsert by a key that may be NULL says that such rows are always added', async () => {
  const { source, sink } = databases
  await source.client.query(
    "CREATE TABLE pairs (a int NOT NULL, b int, v text); INSERT INTO pairs VALUES (1, NULL, 'x')",
  )
  await sink.client.query('CREATE TABLE pairs (a int NOT NULL, b int, v text, UNIQUE (a, b))')
  const upsert = { writeBehavior: 'upsert' as const, keys: ['a', 'b'] }
  const { plan } = await runCopy(tableCopy(databases, 'pairs', upsert))
  expect(plan.warnings).toEqual([expect.stringContaining('“b”')])
  await sink.client.query(
    'TRUNCATE pairs; ALTER TABLE pairs DROP CONSTRAINT pairs_a_b_key, ADD UNIQUE NULLS NOT DISTINCT (a, b)',
  )
  const { plan: again } = await runCopy(tableCopy(databases, 'pairs', upsert))
  expect(again.warnings).toEqual([])
})
