import { and, asc, count, eq, type SQL, sql } from 'drizzle-orm'
import { datasets, pipelines } from '@/drizzle/schema/authoring'
import type { ReadDb } from '@/lib/db/client'
import { type NameList, namesPerList, toNameList } from '@/lib/name-page'

type DatasetsOf = { factoryId: string } & ({ datasetId: string } | { linkedServiceId: string })

/** The datasets in a linked service, by name. */
export async function datasetsIn(db: ReadDb, linkedServiceId: string): Promise<NameList> {
  const rows = await db
    .select({ name: datasets.name, total: inAll })
    .from(datasets)
    .where(eq(datasets.linkedServiceId, linkedServiceId))
    .orderBy(asc(sql`lower(${datasets.name})`))
    .limit(namesPerList)
  return toNameList(rows)
}

/** The pipelines whose activities read or write a dataset, or any of a linked service, by name. */
export async function pipelinesNaming(db: ReadDb, { factoryId, ...of }: DatasetsOf): Promise<NameList> {
  const meant =
    'datasetId' in of ? eq(datasets.id, of.datasetId) : eq(datasets.linkedServiceId, of.linkedServiceId)
  const names = db
    .select({ name: sql`lower(${datasets.name})` })
    .from(datasets)
    .where(meant)
  const rows = await db
    .select({ name: pipelines.name, total: inAll })
    .from(pipelines)
    .where(
      and(
        eq(pipelines.factoryId, factoryId),
        sql`exists (select 1 from ${referencesOf} where lower(reference.name #>> '{}') in ${names})`,
      ),
    )
    .orderBy(asc(sql`lower(${pipelines.name})`))
    .limit(namesPerList)
  return toNameList(rows)
}

/** For a filter of pipelines: one of the datasets that they name has a name like this. */
export function namesDatasetLike(pattern: string): SQL {
  return sql`exists (select 1 from ${referencesOf} where reference.name #>> '{}' ilike ${pattern})`
}

const referencesOf = sql`jsonb_path_query(${pipelines.definition}, '$.activities[*].*[*].referenceName') as reference(name)`

/** Beside each row: how many there are without the limit. */
const inAll = sql<number>`(${count()} over ())::int`
