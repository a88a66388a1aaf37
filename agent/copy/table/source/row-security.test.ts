import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { copySpec, postgresStore, runCopy } from '../../../testing/copy-harness.ts'
import { createDatabases, type Databases, rowsOf } from '../../../testing/table-copies.ts'
import { tableSink, tableSource } from '../../../testing/table-ends.ts'

const role = `policed_${process.pid}`
let databases: Databases & AsyncDisposable

beforeAll(async () => {
  databases = await createDatabases(inject('postgresUrl'))
  const { source, sink } = databases
  await source.client.query(`CREATE ROLE ${role} LOGIN PASSWORD 'policed'`)
  const policed = `CREATE TABLE policed (id int); ALTER TABLE policed ENABLE ROW LEVEL SECURITY;
    CREATE POLICY own ON policed USING (id < 3); GRANT SELECT, INSERT ON policed TO ${role}; GRANT CREATE ON SCHEMA public TO ${role}`
  await source.client.query(`${policed}; INSERT INTO policed SELECT generate_series(1, 5)`)
  await sink.client.query(policed)
})
afterAll(async () => {
  for (const { client } of [databases.source, databases.sink]) await client.query(`DROP OWNED BY ${role}`)
  await databases.source.client.query(`DROP ROLE ${role}`)
  await databases[Symbol.asyncDispose]()
})

test.each(['counts', 'stream', 'content'] as const)(
  'row-level security at both ends: the plan says that rows are hidden, and level %s can write',
  async (verification) => {
    const { source, sink } = databases
    await sink.client.query('TRUNCATE policed')
    const login = { username: role, password: 'policed' }
    const from = { ...tableSource(source, 'policed'), store: postgresStore(new URL(source.url), login) }
    const to = { ...tableSink(sink, 'policed'), store: postgresStore(new URL(sink.url), login) }
    const { plan } = await runCopy(copySpec({ source: from, sink: to }, { options: { verification } }))
    expect(plan.warnings).toEqual([expect.stringContaining('Row-level security of public.policed')])
    expect(await rowsOf(sink, 'policed')).toEqual(['(1)', '(2)'])
  },
)
