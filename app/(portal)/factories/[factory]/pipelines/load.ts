import type { UserContext } from '@/lib/auth/session'
import { type Actor, type Scope, whyNot } from '@/lib/permissions'
import { getPipeline } from '@/lib/pipelines/queries'
import { loadFactory } from '../load'

export type PipelineParams = Promise<{ factory: string; pipeline: string }>

/** What every tab of a pipeline's page shows at its top, and what this person may not do. */
export async function loadPipeline(ctx: UserContext, params: PipelineParams) {
  const { factory: factoryName, pipeline: name } = await params
  const factory = await loadFactory(ctx, factoryName)
  const pipeline = await getPipeline(ctx, factory, name)
  return { factory, pipeline, rights: pipelineRights(ctx.actor, factory) }
}

export function pipelineRights(actor: Actor, factory: { id: string; tenantId: string }) {
  const scope: Scope = { tenantId: factory.tenantId, factoryId: factory.id }
  return { run: whyNot(actor, 'runs.start', scope), write: whyNot(actor, 'pipelines.write', scope) }
}
