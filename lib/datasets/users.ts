import { and, asc, eq, inArray, sql } from 'drizzle-orm'
import { pipelines } from '@/drizzle/schema/authoring'
import type { ReadDb } from '@/lib/db/client'

/** The pipelines whose activities read or write one of these datasets, by name. */
export async function pipelinesNaming(
  db: ReadDb,
  factoryId: string,
  datasetNames: readonly string[],
): Promise<{ name: string }[]> {
  if (datasetNames.length === 0) return []
  const wanted = inArray(
    sql`lower(reference.name #>> '{}')`,
    datasetNames.map((name) => name.toLowerCase()),
  )
  return await db
    .select({ name: pipelines.name })
    .from(pipelines)
    .where(
      and(
        eq(pipelines.factoryId, factoryId),
        sql`exists (select 1 from jsonb_path_query(${pipelines.definition}, '$.activities[*].*[*].referenceName') as reference(name) where ${wanted})`,
      ),
    )
    .orderBy(asc(pipelines.name))
}
