import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { runCopy } from '../../../testing/copy-harness.ts'
import { createDatabases, rowsOf, tableCopy } from '../../../testing/table-copies.ts'

let databases: Awaited<ReturnType<typeof createDatabases>>
const reader = `reader_${process.pid}`

beforeAll(async () => {
  databases = await createDatabases(inject('postgresUrl'))
  await databases.sink.client.query(`CREATE ROLE ${reader}`)
})
afterAll(async () => {
  await databases.sink.client.query(`DROP OWNED BY ${reader}; DROP ROLE ${reader}`)
  await databases[Symbol.asyncDispose]()
})

const shape = '(id int NOT NULL, name text, at timestamptz, PRIMARY KEY (id))'

/** A table of this shape at both ends, with other rows, overwritten; what became of the sink's. */
async function overwrite(table: string, more: (table: string) => string = () => '') {
  const { source, sink } = databases
  await source.client.query(
    `CREATE TABLE ${table} ${shape}; INSERT INTO ${table} SELECT i, 'n' || i, now() FROM generate_series(1, 9) AS i`,
  )
  await sink.client.query(`CREATE TABLE ${table} ${shape}; INSERT INTO ${table} VALUES (77, 'old', now())`)
  await sink.client.query(more(table))
  const oid = async () =>
    (await sink.client.query<{ oid: number }>('SELECT to_regclass($1)::oid AS oid', [table])).rows[0]?.oid
  const before = await oid()
  const { receipt } = await runCopy(tableCopy(databases, table, { writeBehavior: 'overwrite' }))
  const kept = await rowsOf(sink, table)
  expect(kept.filter((row) => !row.startsWith('(77,'))).toEqual(await rowsOf(source, table))
  const { rows: staged } = await sink.client.query(
    String.raw`SELECT relname FROM pg_class WHERE relname LIKE '\_sallyport\_%' AND relname NOT LIKE '%ledger%' AND relkind = 'r'`,
  )
  expect(staged).toEqual([])
  return { isSwapped: (await oid()) !== before, receipt, rows: kept.length }
}

/** Everything that a person sees of a table, and what a new one of the same shape has. */
async function description(table: string) {
  const { rows } = await databases.sink.client.query(
    `SELECT relacl::text, relowner, reltuples > 0 AS "isAnalyzed",
       (SELECT array_agg(attname || ' ' || format_type(atttypid, atttypmod) || ' ' || attnotnull ORDER BY attnum)
        FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0) AS columns,
       (SELECT array_agg(conname || ' ' || pg_get_constraintdef(oid) ORDER BY conname) FROM pg_constraint WHERE conrelid = c.oid) AS constraints,
       (SELECT array_agg(pg_get_indexdef(indexrelid)) FROM pg_index WHERE indrelid = c.oid) AS indexes
     FROM pg_class c WHERE oid = to_regclass($1)`,
    [table],
  )
  return rows[0]
}

test('an overwrite lets the staged table take the place of a plain one, which looks as before', async () => {
  const { sink } = databases
  await sink.client.query(`CREATE TABLE model ${shape}; INSERT INTO model VALUES (1); ANALYZE model`)
  const { isSwapped, receipt } = await overwrite('plain')
  expect(isSwapped).toBe(true)
  expect(receipt.checks.at(-1)).toContain('at once')
  const model = JSON.stringify(await description('model'))
  expect(JSON.stringify(await description('plain'))).toBe(model.replaceAll('model', 'plain'))
})

test('columns that were dropped once, and other names of keys, are no obstacle', async () => {
  const { isSwapped } = await overwrite(
    'altered',
    (table) =>
      `ALTER TABLE ${table} DROP CONSTRAINT ${table}_pkey, ADD CONSTRAINT my_key PRIMARY KEY (id), ADD extra int;
       ALTER TABLE ${table} DROP extra`,
  )
  expect(isSwapped).toBe(true)
  expect(await description('altered')).toMatchObject({
    constraints: expect.arrayContaining(['my_key PRIMARY KEY (id)']),
  })
})

const obstacles: Record<string, (table: string) => string> = {
  'a view': (table) => `CREATE VIEW ${table}_view AS SELECT id FROM ${table}`,
  'a privilege': (table) => `GRANT SELECT ON ${table} TO ${reader}`,
  'a privilege on a column': (table) => `GRANT SELECT (id) ON ${table} TO ${reader}`,
  'an index': (table) => `CREATE INDEX ON ${table} (name)`,
  'a unique constraint': (table) => `ALTER TABLE ${table} ADD UNIQUE (name)`,
  'a check': (table) => `ALTER TABLE ${table} ADD CHECK (id > 0)`,
  'a default': (table) => `ALTER TABLE ${table} ALTER name SET DEFAULT 'x'`,
  'an identity': (table) => `ALTER TABLE ${table} ALTER id ADD GENERATED ALWAYS AS IDENTITY`,
  'a table that refers to it': (table) => `CREATE TABLE ${table}_child (id int REFERENCES ${table})`,
  'a table that it refers to': (table) =>
    `CREATE TABLE ${table}_parent (id int PRIMARY KEY); INSERT INTO ${table}_parent SELECT generate_series(0, 99);
     ALTER TABLE ${table} ADD FOREIGN KEY (id) REFERENCES ${table}_parent`,
  'a trigger': (table) =>
    `CREATE FUNCTION ${table}_f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
     CREATE TRIGGER t BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION ${table}_f()`,
  'a rule': (table) => `CREATE RULE r AS ON DELETE TO ${table} DO ALSO SELECT 1`,
  'a policy': (table) => `CREATE POLICY p ON ${table} USING (true)`,
  'row level security': (table) => `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
  'a comment': (table) => `COMMENT ON TABLE ${table} IS 'mine'`,
  'a comment on a column': (table) => `COMMENT ON COLUMN ${table}.name IS 'mine'`,
  'a storage setting': (table) => `ALTER TABLE ${table} SET (fillfactor = 70)`,
  'a setting of its key': (table) => `ALTER INDEX ${table}_pkey SET (fillfactor = 70)`,
  'a statistics target': (table) => `ALTER TABLE ${table} ALTER name SET STATISTICS 1000`,
  'extended statistics': (table) => `CREATE STATISTICS ON id, name FROM ${table}`,
  'a collation': (table) => `ALTER TABLE ${table} ALTER name TYPE text COLLATE "C"`,
  'a replica identity': (table) => `ALTER TABLE ${table} REPLICA IDENTITY FULL`,
  'a publication': (table) => `CREATE PUBLICATION ${table}_p FOR TABLE ${table}`,
  'a publication of its schema': (table) => `CREATE PUBLICATION ${table}_p FOR TABLES IN SCHEMA public`,
  'a child': (table) => `CREATE TABLE ${table}_child () INHERITS (${table})`,
  'a function of its rows': (table) =>
    `CREATE FUNCTION ${table}_f(${table}) RETURNS int LANGUAGE sql AS 'SELECT 1'`,
  'a column of its rows': (table) => `CREATE TABLE ${table}_user (rows ${table}[])`,
  'another owner': (table) => `ALTER TABLE ${table} OWNER TO ${reader}; GRANT ALL ON ${table} TO PUBLIC`,
}

test.each(Object.keys(obstacles).map((name, index) => [name, index] as const))(
  '%s stays, because then the rows are moved into the table',
  async (name, index) => {
    const table = `kept_${index}`
    const { isSwapped, receipt } = await overwrite(table, obstacles[name])
    expect(isSwapped).toBe(false)
    expect(receipt.checks.at(-1)).toContain('keeping the table')
    await databases.sink.client.query(`DROP PUBLICATION IF EXISTS ${table}_p`)
  },
)
