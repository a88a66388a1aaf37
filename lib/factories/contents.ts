import { and, eq, inArray, isNull } from 'drizzle-orm'
import { datasets, linkedServices, pipelines } from '@/drizzle/schema/authoring'
import { nodes, runtimes } from '@/drizzle/schema/runtimes'
import { pipelineRuns } from '@/drizzle/schema/runs'
import type { ReadDb } from '@/lib/db/client'

export type FactoryContents = {
  runtimes: number
  nodes: number
  linkedServices: number
  datasets: number
  pipelines: number
  runs: number
  /** Runs that have not ended: a factory is not deleted under them. */
  activeRuns: number
}

/** What a factory holds, and what goes with it when it is deleted. */
export async function countContents(db: ReadDb, factoryId: string): Promise<FactoryContents> {
  const ownRuntimes = db.select({ id: runtimes.id }).from(runtimes).where(eq(runtimes.factoryId, factoryId))
  const active = inArray(pipelineRuns.status, ['Queued', 'InProgress', 'Canceling'])
  return {
    runtimes: await db.$count(runtimes, eq(runtimes.factoryId, factoryId)),
    nodes: await db.$count(nodes, and(inArray(nodes.runtimeId, ownRuntimes), isNull(nodes.removedAt))),
    linkedServices: await db.$count(linkedServices, eq(linkedServices.factoryId, factoryId)),
    datasets: await db.$count(datasets, eq(datasets.factoryId, factoryId)),
    pipelines: await db.$count(pipelines, eq(pipelines.factoryId, factoryId)),
    runs: await db.$count(pipelineRuns, eq(pipelineRuns.factoryId, factoryId)),
    activeRuns: await db.$count(pipelineRuns, and(eq(pipelineRuns.factoryId, factoryId), active)),
  }
}
