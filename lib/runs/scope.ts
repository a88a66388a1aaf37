import { and, eq } from 'drizzle-orm'
import { pipelineRuns } from '@/drizzle/schema/runs'
import type { ReadDb } from '@/lib/db/client'
import { notFound } from '@/lib/errors'
import type { Actor, Scope } from '@/lib/permissions'

/** The scope of a command or query on one run; another tenant's run does not exist. */
export async function runScope(db: ReadDb, actor: Actor, pipelineRunId: string): Promise<Scope> {
  const [run] = await db
    .select({ tenantId: pipelineRuns.tenantId, factoryId: pipelineRuns.factoryId })
    .from(pipelineRuns)
    .where(and(eq(pipelineRuns.id, pipelineRunId), eq(pipelineRuns.tenantId, actor.tenantId)))
  if (!run) throw notFound('the run', pipelineRunId)
  return run
}
