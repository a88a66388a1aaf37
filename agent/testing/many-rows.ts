import { afterAll, beforeAll, inject } from 'vitest'
import type { CopyPlan } from '../../lib/protocol/copy-plan.ts'
import { createDatabases, type Databases } from './table-copies.ts'

/** Two databases for the tests of one file; the source holds `many`, a table of 20,000 rows. */
export function databasesWithMany(): Databases {
  const databases = {} as Awaited<ReturnType<typeof createDatabases>>
  beforeAll(async () => {
    Object.assign(databases, await createDatabases(inject('postgresUrl')))
    await databases.source.client.query(
      `CREATE TABLE many (id int PRIMARY KEY, name text, price numeric(9,2), at timestamptz);
       INSERT INTO many SELECT i, 'name ' || i, i / 3.0, '2020-01-01 00:00+00'::timestamptz + i * interval '1 hour'
       FROM generate_series(1, 20000) AS i`,
    )
  })
  afterAll(() => databases[Symbol.asyncDispose]())
  return databases
}

/** The plan with chunks of a few blocks, so that a small table has many of them. */
export function inSmallChunks(plan: CopyPlan, chunkBlocks = 8): CopyPlan {
  const parts = plan.parts.map((part) => ({
    ...part,
    engine: { ranges: (part.engine['ranges'] as object[]).map((range) => ({ ...range, chunkBlocks })) },
  }))
  return { ...plan, parts }
}
