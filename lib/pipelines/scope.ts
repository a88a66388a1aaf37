import { and, eq } from 'drizzle-orm'
import { pipelines } from '@/drizzle/schema/authoring'
import type { ReadDb, Tx } from '@/lib/db/client'
import { notFound } from '@/lib/errors'
import type { Actor, Scope } from '@/lib/permissions'

/** The scope of a command on one pipeline; another tenant's pipeline does not exist. */
export async function pipelineScope(db: ReadDb, actor: Actor, pipelineId: string): Promise<Scope> {
  const [pipeline] = await db
    .select({ tenantId: pipelines.tenantId, factoryId: pipelines.factoryId })
    .from(pipelines)
    .where(and(eq(pipelines.id, pipelineId), eq(pipelines.tenantId, actor.tenantId)))
  if (!pipeline) throw notFound('the pipeline', pipelineId)
  return pipeline
}

/** The row, kept from changing until the transaction ends. */
export async function requirePipeline(tx: Tx, actor: Actor, pipelineId: string) {
  const [pipeline] = await tx
    .select()
    .from(pipelines)
    .where(and(eq(pipelines.id, pipelineId), eq(pipelines.tenantId, actor.tenantId)))
    .for('update')
  if (!pipeline) throw notFound('the pipeline', pipelineId)
  return pipeline
}
