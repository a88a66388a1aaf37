import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { copySpec, prepare, runCopy, testContext } from '../../../testing/copy-harness.ts'
import { createTestFolder, fileContext, filesSource } from '../../../testing/file-ends.ts'
import { createDatabases, rowsOf, tableCopy } from '../../../testing/table-copies.ts'
import { tableSink } from '../../../testing/table-ends.ts'

let databases: Awaited<ReturnType<typeof createDatabases>>

beforeAll(async () => {
  databases = await createDatabases(inject('postgresUrl'))
  await databases.source.client.query(
    `CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy', 'angry'); CREATE TYPE colour AS ENUM ('red', 'green');
     CREATE DOMAIN age AS int CHECK (VALUE >= 0)`,
  )
  await databases.sink.client.query(
    `CREATE TYPE mood AS ENUM ('happy', 'ok', 'calm'); CREATE TYPE colour AS ENUM ('rot', 'grün');
     CREATE TYPE colours AS ENUM ('red', 'green', 'blue');
     CREATE DOMAIN age AS int CHECK (VALUE >= 0); CREATE DOMAIN named AS text NOT NULL CHECK (VALUE <> '');
     CREATE DOMAIN grown AS age CHECK (VALUE >= 18)`,
  )
})
afterAll(() => databases[Symbol.asyncDispose]())

test('labels that the enum of the sink lacks are named before the copy starts, of arrays too', async () => {
  const { source, sink } = databases
  await source.client.query(
    "CREATE TABLE moods (id int, now mood, all_day mood[]); INSERT INTO moods VALUES (1, 'ok', '{happy,ok}')",
  )
  await sink.client.query('CREATE TABLE moods (id int, now mood, all_day mood[])')
  const { plan } = await runCopy(tableCopy(databases, 'moods'))
  expect(plan.warnings).toEqual([
    'Column “now”: type public.mood of the sink has no label “sad”, “angry”; a row that holds one of them stops the copy.',
    'Column “all_day”: type public.mood[] of the sink has no label “sad”, “angry”; a row that holds one of them stops the copy.',
  ])
  expect(await rowsOf(sink, 'moods')).toEqual(['(1,ok,"{happy,ok}")'])
})

test('an enum of the sink that has all labels of the source is none to warn of', async () => {
  const { source, sink } = databases
  await source.client.query("CREATE TABLE wider (c colour); INSERT INTO wider VALUES ('green')")
  await sink.client.query('CREATE TABLE wider (c colours)')
  const { plan } = await runCopy(tableCopy(databases, 'wider'))
  expect(plan.warnings).toEqual([])
})

test('enums without a common label are refused, before anything is made at the sink', async () => {
  const { source, sink } = databases
  await source.client.query('CREATE TABLE paints (c colour)')
  const failure = await prepare(tableCopy(databases, 'paints'), testContext()).catch(
    (error: unknown) => error,
  )
  expect(failure).toMatchObject({
    code: 'type_unsupported',
    side: 'sink',
    message:
      'Column “c”: type public.colour of the sink has none of the labels of the source (“red”, “green”). Add them there, map the column to text, or leave it out.',
  })
  const made = await sink.client.query("SELECT FROM pg_class WHERE relname ~ '^_sallyport_[0-9a-f]|^paints'")
  expect(made.rowCount).toBe(0)
})

test('what a domain of the sink demands and the source does not is said before the copy starts', async () => {
  const { source, sink } = databases
  await source.client.query(
    "CREATE TABLE people (id age, years age, name text, nick text NOT NULL); INSERT INTO people VALUES (1, 20, 'Ada', 'a')",
  )
  await sink.client.query('CREATE TABLE people (id age, years grown, name named, nick named)')
  const { plan } = await runCopy(tableCopy(databases, 'people'))
  expect(plan.warnings).toEqual([
    'Column “years”: domain public.grown of the sink demands CHECK (((VALUE)::integer >= 18)); a row that breaks it stops the copy.',
    "Column “name”: domain public.named of the sink demands NOT NULL, CHECK ((VALUE <> ''::text)); a row that breaks it stops the copy.",
    "Column “nick”: domain public.named of the sink demands CHECK ((VALUE <> ''::text)); a row that breaks it stops the copy.",
  ])
})

test('the domain that a mapping gives to a new table is seen through as well', async () => {
  await databases.source.client.query('CREATE TABLE fresh (years int); INSERT INTO fresh VALUES (30)')
  const mapping = [{ source: 'years', sink: 'years', sinkType: 'public.grown[]' }]
  const query = 'SELECT ARRAY[years] AS years FROM fresh'
  const { plan } = await runCopy(tableCopy(databases, 'fresh', { query, mapping }))
  expect(plan.warnings).toEqual([
    'Column “years”: domain public.grown of the sink demands CHECK (((VALUE)::integer >= 18)), CHECK ((VALUE >= 0)); a row that breaks it stops the copy.',
  ])
})

test('rows of files meet the demands of domains too', async () => {
  const folder = await createTestFolder()
  await writeFile(join(folder.path, 'people.csv'), 'years\n20\n')
  await databases.sink.client.query('CREATE TABLE from_file (years age)')
  const copy = copySpec({
    source: filesSource({ store: folder.store }, 'csv'),
    sink: tableSink(databases.sink, 'from_file'),
  })
  const { plan } = await runCopy(copy, fileContext([folder]))
  await folder.remove()
  expect(plan.warnings).toEqual([
    'Column “years”: domain public.age of the sink demands CHECK ((VALUE >= 0)); a row that breaks it stops the copy.',
  ])
})
