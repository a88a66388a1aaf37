import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { runCopy, testContext } from '../../../testing/copy-harness.ts'
import { createDatabases, rowsOf, tableCopy } from '../../../testing/table-copies.ts'
import { TaskFailure } from '../../failure.ts'

let databases: Awaited<ReturnType<typeof createDatabases>>

beforeAll(async () => {
  databases = await createDatabases(inject('postgresUrl'))
})
afterAll(() => databases[Symbol.asyncDispose]())

/** Per type: values that are easily damaged. */
const values: Record<string, string[]> = {
  boolean: ['true', 'false'],
  smallint: ['-32768', '32767'],
  integer: ['-2147483648', '2147483647'],
  bigint: ['-9223372036854775808', '9223372036854775807'],
  numeric: [
    "'NaN'",
    "'Infinity'",
    "'-Infinity'",
    '0.000',
    '-1e-1000',
    '123456789012345678901234567890.123456789',
    '1e5000',
  ],
  'numeric(12,2)': ['-9999999999.99', '0.10'],
  'numeric(5,-2)': ['1234500'],
  real: ["'NaN'", "'-Infinity'", '1.17549435e-38', '3.40282347e38', "'-0'"],
  'double precision': ["'NaN'", "'Infinity'", '0.1', '1e-300', '1.7976931348623157e308', '5e-324', "'-0'"],
  money: ["'-12.34'"],
  text: [
    "''",
    "'NULL'",
    "'\\N'",
    "E'tab\\tnew\\nline\\rreturn'",
    `'"quoted", it''s'`,
    "'🛩️ émoji'",
    "E'\\\\.'",
    "'  '",
  ],
  'varchar(5)': ["'abcde'", "''"],
  'char(5)': ["'ab'", "''"],
  '"char"': ["'x'"],
  name: ["'a_name'"],
  bytea: ["''", "'\\x00ff5c0a0d'"],
  date: ["'0044-03-15 BC'", "'infinity'", "'9999-12-31'", "'-infinity'"],
  time: ["'24:00:00'", "'23:59:59.999999'"],
  timetz: ["'12:00:00+05:30'"],
  timestamp: ["'2000-01-01'", "'infinity'", "'4713-01-01 BC'", "'294276-12-31 23:59:59.999999'"],
  'timestamp(0)': ["'2020-02-29 12:34:56'"],
  timestamptz: ["'2020-06-01 12:00:00+02'", "'-infinity'", "'1900-01-01 00:00:00+00'"],
  interval: ["'1 year -2 months 3 days -04:05:06.789'", "'0'", "'-178000000 years'"],
  'interval day to second(3)': ["'1 02:03:04.567'"],
  uuid: ["'00000000-0000-0000-0000-000000000000'", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"],
  json: [`'{"b": 1.50, "a":  [1, null], "b": "\\u00e9"}'`, "'null'", `'"x"'`],
  jsonb: [`'{"b": 1.50, "a": [1, null, {"é": "\\n"}]}'`, "'null'", "'1e400'"],
  inet: ["'10.0.0.1/8'", "'::1'", "'192.168.1.1'"],
  cidr: ["'10.0.0.0/8'", "'2001:db8::/32'"],
  macaddr: ["'08:00:2b:01:02:03'"],
  macaddr8: ["'08:00:2b:01:02:03:04:05'"],
  'bit(3)': ["B'101'"],
  'bit varying(8)': ["B''", "B'10101'"],
  point: ["'(1.5,-2)'"],
  line: ["'{1,2,3}'"],
  lseg: ["'[(0,0),(1,1)]'"],
  box: ["'(1,1),(0,0)'"],
  path: ["'[(0,0),(1,1)]'", "'((0,0),(1,1))'"],
  polygon: ["'((0,0),(1,1),(1,0))'"],
  circle: ["'<(0,0),2>'"],
  tsvector: [`'fat:2A,4 cat:3 ''it''''s'':1'`],
  tsquery: ["'fat & (rat | !cat:*)'"],
  int4range: ["'empty'", "'[1,5)'", "'(,)'"],
  tstzrange: ["'[2020-01-01 00:00+00,)'"],
  nummultirange: ["'{[1.5,2.5),(7,)}'", "'{}'"],
  'integer[]': ["'{}'", "'{1,NULL,3}'", "'[0:1][2:3]={{1,2},{3,4}}'"],
  'text[]': [`ARRAY['', NULL, 'NULL', 'a"b', 'c,d', E'e\\nf', '{}']`],
  'numeric(8,2)[]': ["'{1.5,NaN}'"],
  'timestamptz[]': ["'{2020-01-01 00:00+00}'"],
  'jsonb[]': [`ARRAY['{"a": [1]}'::jsonb, NULL]`],
  'uuid[]': ["'{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}'"],
  jsonpath: ["'$.a[*] ? (@ > 1)'"],
  pg_lsn: ["'16/B374D848'"],
  oid: ['4294967295'],
  xid8: ["'42'"],
  regclass: ["'pg_class'"],
}

const columns = Object.keys(values).map((type, index) => ({
  name: `c${index}`,
  type,
  of: values[type] ?? [],
}))

async function createEveryType(table: string): Promise<void> {
  const { client } = databases.source
  const definitions = columns.map(({ name, type }) => `${name} ${type}`)
  await client.query(`CREATE TABLE ${table} (id int PRIMARY KEY, ${definitions.join(', ')})`)
  const deepest = Math.max(...columns.map(({ of }) => of.length))
  for (let row = 0; row <= deepest; row += 1) {
    const cells = columns.map(({ of, type }) =>
      of[row] === undefined ? 'NULL' : `CAST(${of[row]} AS ${type})`,
    )
    await client.query(`INSERT INTO ${table} VALUES (${row}, ${cells.join(', ')})`)
  }
}

test('every built-in type round-trips, and references to own objects go as text', async () => {
  await createEveryType('every_type')
  const { receipt, plan } = await runCopy(tableCopy(databases, 'every_type'))
  expect(plan.canonicalForm).toBe('pg-text') // because of regclass
  expect(await rowsOf(databases.sink, 'every_type')).toEqual(await rowsOf(databases.source, 'every_type'))
  expect(receipt.sinkDigest).toBe(receipt.sourceDigest)
})

test('without references every built-in type round-trips in binary form, with its exact type', async () => {
  await createEveryType('binary_types')
  const regclass = columns.find(({ type }) => type === 'regclass')?.name
  await databases.source.client.query(`ALTER TABLE binary_types DROP COLUMN ${regclass}`)
  const { plan } = await runCopy(tableCopy(databases, 'binary_types'))
  expect(plan.canonicalForm).toBe('pg-binary')
  expect(await rowsOf(databases.sink, 'binary_types')).toEqual(await rowsOf(databases.source, 'binary_types'))
  for (const { source, sink } of plan.columns) expect(sink.type).toBe(source.type)
})

const ownTypes = `
  CREATE TYPE mood AS ENUM ('sad', 'it''s ok');
  CREATE DOMAIN short AS varchar(4) CHECK (VALUE <> 'bad');
  CREATE TYPE pair AS (a int, b text)`

test('enums and domains pass in binary form; arrays of them and composites go as text', async () => {
  const { source, sink } = databases
  await source.client.query(ownTypes)
  await source.client.query(
    `CREATE TABLE own (id int, m mood, s short);
     INSERT INTO own VALUES (1, 'sad', 'abcd'), (2, 'it''s ok', ''), (3, NULL, NULL);
     CREATE TABLE nested (id int, ms mood[], p pair, ps pair[]);
     INSERT INTO nested VALUES (1, '{sad,NULL}', '(1,"x, y")', ARRAY[(2, NULL)::pair]), (2, NULL, NULL, '{}')`,
  )
  await sink.client.query(`CREATE TYPE filler AS ENUM ('x'); ${ownTypes}`)
  const simple = await runCopy(tableCopy(databases, 'own'))
  expect(simple.plan.canonicalForm).toBe('pg-binary')
  expect(simple.plan.columns.map(({ sink }) => sink.type)).toEqual([
    'integer',
    'public.mood',
    'character varying(4)',
  ])
  const nested = await runCopy(tableCopy(databases, 'nested'))
  expect(nested.plan.canonicalForm).toBe('pg-text')
  for (const table of ['own', 'nested'])
    expect(await rowsOf(sink, table)).toEqual(await rowsOf(source, table))
})

test('a type that the sink does not know becomes text, and the plan says so', async () => {
  const { source, sink } = databases
  await source.client.query(
    `CREATE TYPE only_here AS ENUM ('a'); CREATE TABLE foreign_type (e only_here, es only_here[]);
     INSERT INTO foreign_type VALUES ('a', '{a,a}')`,
  )
  const { plan } = await runCopy(tableCopy(databases, 'foreign_type'))
  expect(plan.warnings).toContain('Column “e” becomes text: the sink has no type public.only_here.')
  expect(await rowsOf(sink, 'foreign_type')).toEqual(['(a,"{a,a}")'])
})

test.each(['content', 'stream'] as const)(
  'a type that only the sink knows is made there from text, at level %s too',
  async (verification) => {
    const { source, sink } = databases
    const [table, fresh] = [`made_${verification}`, `made_new_${verification}`]
    await source.client.query(`CREATE TABLE ${table} AS SELECT 1 AS id, '( 1 ,"x")'::text AS p`)
    await sink.client.query(
      `CREATE TYPE duo_${verification} AS (a int, b text); CREATE TABLE ${table} (id int, p duo_${verification})`,
    )
    const options = { verification }
    await runCopy(tableCopy(databases, table, { options }))
    const mapping = [
      { source: 'id', sink: 'id' },
      { source: 'p', sink: 'p', sinkType: `public.duo_${verification}` },
    ]
    await runCopy(tableCopy(databases, fresh, { from: table, mapping, options }))
    expect(await rowsOf(sink, table)).toEqual(['(1,"(1,x)")'])
    expect((await sink.client.query(`SELECT (p).a, (p).b FROM ${fresh}`)).rows).toEqual([{ a: 1, b: 'x' }])
  },
)

test('the source server casts to the types of an existing table, and losses are named beforehand', async () => {
  const { source, sink } = databases
  await source.client.query(
    `CREATE TABLE casts (i int, n numeric, c char(3), t timestamptz(6), e text, f float8);
     INSERT INTO casts VALUES (1, 1.005, 'ab', '2020-01-01 10:00:00.123456+00', 'sad', 1.5), (NULL, NULL, NULL, NULL, NULL, NULL)`,
  )
  await sink.client.query(
    'CREATE TABLE casts (i bigint, n numeric(6,2), c char(5), t timestamp(3), e mood, f int, extra text DEFAULT 7)',
  )
  const { plan } = await runCopy(tableCopy(databases, 'casts'))
  expect(await rowsOf(sink, 'casts')).toEqual([
    '(,,,,,,7)',
    '(1,1.01,"ab   ","2020-01-01 10:00:00.123",sad,2,7)',
  ])
  expect(plan.columns.map(({ lossy }) => lossy !== undefined)).toEqual([
    false,
    true,
    false,
    true,
    false,
    true,
  ])
})

test('text that is too long for the sink stops the copy and names the column, not the value', async () => {
  const { source, sink } = databases
  await source.client.query(
    "CREATE TABLE long (id int, word text); INSERT INTO long VALUES (1, 'canary-value')",
  )
  await sink.client.query('CREATE TABLE long (id int, word varchar(5))')
  const failure = await runCopy(tableCopy(databases, 'long')).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(TaskFailure)
  expect(failure).toMatchObject({ code: 'invalid_data', side: 'sink' })
  expect(String(failure)).toContain('column word')
  expect(String(failure)).not.toContain('canary')
})

test('a cast that does not exist is refused before anything is created', async () => {
  const before = await stagingTables()
  await databases.source.client.query('CREATE TABLE impossible (id int, spot point)')
  const mapping = [
    { source: 'id', sink: 'id' },
    { source: 'spot', sink: 'spot', sinkType: 'integer' },
  ]
  const failure = await runCopy(tableCopy(databases, 'impossible', { mapping })).catch(
    (error: unknown) => error,
  )
  expect(failure).toMatchObject({ code: 'type_unsupported', side: 'source' })
  expect(String(failure)).toContain('Column “spot”')
  expect(await stagingTables()).toEqual(before)
})

test('a type text of a mapping cannot carry SQL', async () => {
  await databases.source.client.query('CREATE TABLE typed (id int)')
  const mapping = [{ source: 'id', sink: 'id', sinkType: "int); DROP TABLE x; SELECT ('" }]
  await expect(runCopy(tableCopy(databases, 'typed', { mapping }), testContext())).rejects.toMatchObject({
    code: 'type_unsupported',
  })
})

async function stagingTables(): Promise<unknown[]> {
  const { rows } = await databases.sink.client.query(
    "SELECT relname FROM pg_class WHERE relname ~ '^_sallyport_[0-9a-f]'",
  )
  return rows
}
