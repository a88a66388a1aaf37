import { eq, type SQL, sql } from 'drizzle-orm'
import { factories } from '@/drizzle/schema/factories'
import type { ReadDb } from '@/lib/db/client'
import { notFound } from '@/lib/errors'

/** What a factory holds, and what goes with it when it is deleted. */
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

/** Selected beside any column of `factories`. */
export const contentsOf: SQL<FactoryContents> = sql`jsonb_build_object(
  'runtimes', (select count(*) from runtimes x where x.factory_id = factories.id),
  'nodes', (select count(*) from nodes n join runtimes x on x.id = n.runtime_id
    where x.factory_id = factories.id and n.removed_at is null),
  'linkedServices', (select count(*) from linked_services x where x.factory_id = factories.id),
  'datasets', (select count(*) from datasets x where x.factory_id = factories.id),
  'pipelines', (select count(*) from pipelines x where x.factory_id = factories.id),
  'runs', (select count(*) from pipeline_runs x where x.factory_id = factories.id),
  'activeRuns', (select count(*) from pipeline_runs x where x.factory_id = factories.id and x.ended_at is null))`

export async function countContents(db: ReadDb, factoryId: string): Promise<FactoryContents> {
  const [found] = await db.select({ contents: contentsOf }).from(factories).where(eq(factories.id, factoryId))
  if (!found) throw notFound('the factory', factoryId)
  return found.contents
}
