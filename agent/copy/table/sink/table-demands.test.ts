import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { copySpec, prepare, runCopy, testContext } from '../../../testing/copy-harness.ts'
import { createTestFolder, fileContext, filesSource } from '../../../testing/file-ends.ts'
import { createDatabases, rowsOf, type TableCopy, tableCopy } from '../../../testing/table-copies.ts'
import { tableSink } from '../../../testing/table-ends.ts'

let databases: Awaited<ReturnType<typeof createDatabases>>

beforeAll(async () => {
  databases = await createDatabases(inject('postgresUrl'))
})
afterAll(() => databases[Symbol.asyncDispose]())

/** Makes `table` at both ends; `prepare` is all that is asked of the copy. */
async function warningsFor(table: string, ends: { source: string; sink: string }, change?: TableCopy) {
  await databases.source.client.query(ends.source)
  await databases.sink.client.query(ends.sink)
  return (await prepare(tableCopy(databases, table, change), testContext())).warnings
}

test('NOT NULL and CHECK of the sink that the source does not have are said before the copy starts', async () => {
  const found = await warningsFor('loose', {
    source: `CREATE TABLE loose (id int NOT NULL, a int, b int, c int, d int, CHECK (b > 0), CHECK (d < 9));
      ALTER TABLE loose ADD CHECK (c > 0) NOT VALID`,
    sink: `CREATE TABLE loose (id int NOT NULL, a int NOT NULL, b int NOT NULL CHECK (b > 0), c int CHECK (c > 0),
      d bigint CHECK (d < 9), CHECK (a < b))`,
  })
  expect(found).toEqual([
    'The sink demands NOT NULL of “a”, “b”, which may be NULL in the source; a row where one is stops the copy.',
    'Table public.loose of the sink demands CHECK ((a < b)), CHECK ((c > 0)), CHECK ((d < 9)); a row that breaks it stops the copy.',
  ])
})

test('a table that demands what its source demands is none to warn of', async () => {
  const same = `CREATE TABLE twins (id int PRIMARY KEY, a text NOT NULL CHECK (a <> ''), b int, UNIQUE (b));
    CREATE UNIQUE INDEX ON twins (lower(a)) WHERE b > 0`
  expect(await warningsFor('twins', { source: same, sink: same })).toEqual([])
})

test('keys are said where the source may hold one twice, or the table holds some already', async () => {
  const { sink } = databases
  const ends = {
    source: 'CREATE TABLE keyed (id int NOT NULL, mail text); CREATE UNIQUE INDEX ON keyed (id)',
    sink: 'CREATE TABLE keyed (id int PRIMARY KEY, mail text); CREATE UNIQUE INDEX by_mail ON keyed (lower(mail))',
  }
  const twice =
    'Table public.keyed of the sink takes each value of (lower(mail)) only once (by_mail); a row that repeats one stops the copy.'
  expect(await warningsFor('keyed', ends)).toEqual([twice])
  await sink.client.query("INSERT INTO keyed VALUES (1, 'a')")
  const again = (change: TableCopy) => warningsFor('keyed', { source: '', sink: '' }, change)
  expect(await again({})).toEqual([
    'Table public.keyed of the sink holds rows and takes each value of (id), (lower(mail)) only once (keyed_pkey, by_mail); a row that repeats one stops the copy.',
  ])
  expect(await again({ writeBehavior: 'overwrite' })).toEqual([twice])
  expect(await again({ writeBehavior: 'upsert' })).toEqual([twice.replace('takes', 'holds rows and takes')])
})

test('references and partitions that rows may miss are said before the copy starts', async () => {
  const found = await warningsFor('parts', {
    source: 'CREATE TABLE parts (k int, owner int)',
    sink: `CREATE TABLE owners (id int PRIMARY KEY);
      CREATE TABLE parts (k int, owner int REFERENCES owners) PARTITION BY RANGE (k);
      CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10)`,
  })
  expect(found).toEqual([
    'Table public.parts of the sink demands FOREIGN KEY (owner) REFERENCES public.owners(id); a row that breaks it stops the copy.',
    'Table public.parts of the sink has no default partition; a row that none of its partitions takes stops the copy.',
  ])
  await databases.sink.client.query('CREATE TABLE parts_else PARTITION OF parts DEFAULT')
  await databases.source.client.query('CREATE TABLE parts_1 (k int, owner int)')
  const [demands] = await warningsFor('parts_1', { source: '', sink: '' })
  expect(demands).toContain('CHECK (((k IS NOT NULL) AND (k >= 0) AND (k < 10)))')
  expect(await warningsFor('parts', { source: '', sink: '' })).toHaveLength(1)
})

test('a partitioned table without partitions is refused, and a row without one is told as what it is', async () => {
  const { source, sink } = databases
  await source.client.query('CREATE TABLE listed AS SELECT 5 AS k')
  await sink.client.query('CREATE TABLE listed (k int) PARTITION BY LIST (k)')
  await expect(prepare(tableCopy(databases, 'listed'), testContext())).rejects.toMatchObject({
    code: 'schema_mismatch',
    side: 'sink',
    message: 'Table public.listed has no partitions, so that it can hold no row. Make them first.',
  })
  await sink.client.query('CREATE TABLE listed_1 PARTITION OF listed FOR VALUES IN (1)')
  await expect(runCopy(tableCopy(databases, 'listed'))).rejects.toThrow(
    'no partition of the table takes a row',
  )
})

test('a column that must have a value and gets none may still get it from its domain or a trigger', async () => {
  const { source, sink } = databases
  await source.client.query('CREATE TABLE filled AS SELECT 1 AS a')
  await sink.client.query(
    `CREATE DOMAIN dated AS date DEFAULT '2020-01-01'; CREATE DOMAIN must AS int NOT NULL;
     CREATE TABLE filled (a int, day dated NOT NULL); CREATE TABLE dutiful (a int, b must, c int NOT NULL)`,
  )
  await runCopy(tableCopy(databases, 'filled'))
  expect(await rowsOf(sink, 'filled')).toEqual(['(1,2020-01-01)'])
  const copy = tableCopy(databases, 'filled', { to: 'dutiful' })
  await expect(prepare(copy, testContext())).rejects.toThrow(
    'The sink demands values for “b”, “c”, but nothing is mapped to it. Map columns to them, or give them a default.',
  )
  await sink.client.query(
    `ALTER TABLE dutiful DROP COLUMN b; CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.c := 7; RETURN NEW; END';
     CREATE TRIGGER fill BEFORE INSERT ON dutiful FOR EACH ROW EXECUTE FUNCTION fill()`,
  )
  await runCopy(tableCopy(databases, 'filled', { to: 'dutiful' }))
  expect(await rowsOf(sink, 'dutiful')).toEqual(['(1,7)'])
})

test('rows of files meet the demands of the table too', async () => {
  const folder = await createTestFolder()
  await writeFile(join(folder.path, 'people.csv'), 'id,name\n1,Ada\n')
  await databases.sink.client.query('CREATE TABLE people (id int PRIMARY KEY, name text NOT NULL)')
  const copy = copySpec({
    source: filesSource({ store: folder.store }, 'csv'),
    sink: tableSink(databases.sink, 'people'),
  })
  const { plan } = await runCopy(copy, fileContext([folder]))
  await folder.remove()
  expect(plan.warnings).toEqual([
    'The sink demands NOT NULL of “id”, “name”, which may be NULL in the source; a row where one is stops the copy.',
    'Table public.people of the sink takes each value of (id) only once (people_pkey); a row that repeats one stops the copy.',
  ])
})
