import { and, eq, inArray, sql } from 'drizzle-orm'
import { datasets, linkedServices } from '@/drizzle/schema/authoring'
import { runtimes } from '@/drizzle/schema/runtimes'
import type { ReadDb } from '@/lib/db/client'
import type { PipelineDefinition } from '@/lib/pipelines/schemas'
import type { Definitions, LoadedLinkedService } from '@/lib/runs/resolve/resolve-end'

/** The datasets that a pipeline names, with their linked services and runtimes. */
export async function loadDefinitions(
  db: ReadDb,
  factoryId: string,
  { activities }: PipelineDefinition,
): Promise<Definitions> {
  const names = activities.flatMap(({ inputs, outputs }) =>
    [...inputs, ...outputs].map(({ referenceName }) => referenceName.toLowerCase()),
  )
  const rows = await db
    .select({
      name: datasets.name,
      linkedServiceId: datasets.linkedServiceId,
      definition: datasets.definition,
      linkedService: loadedColumns,
    })
    .from(datasets)
    .innerJoin(linkedServices, eq(linkedServices.id, datasets.linkedServiceId))
    .innerJoin(runtimes, eq(runtimes.id, linkedServices.runtimeId))
    .where(and(eq(datasets.factoryId, factoryId), inArray(sql`lower(${datasets.name})`, [...new Set(names)])))
  const services = new Map(rows.map(({ linkedService }) => [linkedService.id, linkedService]))
  return {
    datasets: rows,
    linkedServices: [...services.values()],
  }
}

export async function loadLinkedServices(db: ReadDb, ids: string[]): Promise<LoadedLinkedService[]> {
  return await db
    .select(loadedColumns)
    .from(linkedServices)
    .innerJoin(runtimes, eq(runtimes.id, linkedServices.runtimeId))
    .where(inArray(linkedServices.id, ids))
}

const loadedColumns = {
  id: linkedServices.id,
  name: linkedServices.name,
  runtimeId: linkedServices.runtimeId,
  runtimeName: runtimes.name,
  address: linkedServices.address,
  credentialVersion: linkedServices.credentialVersion,
}
