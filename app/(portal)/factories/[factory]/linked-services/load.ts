import type { UserContext } from '@/lib/auth/session'
import { getLinkedService, listRuntimeVaults } from '@/lib/linked-services/queries'
import { whyNot } from '@/lib/permissions'
import { loadFactory } from '../load'

export type LinkedServiceParams = Promise<{ factory: string; linkedService: string }>

/** What every tab of a linked service's page shows at its top, and what this person may not do. */
export async function loadLinkedService(ctx: UserContext, params: LinkedServiceParams) {
  const { factory: factoryName, linkedService: name } = await params
  const factory = await loadFactory(ctx, factoryName)
  const [linkedService, vaults] = await Promise.all([
    getLinkedService(ctx, factory, name),
    listRuntimeVaults(ctx, factory),
  ])
  const scope = { tenantId: factory.tenantId, factoryId: factory.id }
  const refusals = {
    write: whyNot(ctx.actor, 'linkedServices.write', scope),
    test: whyNot(ctx.actor, 'linkedServices.test', scope),
    browse: whyNot(ctx.actor, 'linkedServices.browse', scope),
    preview: whyNot(ctx.actor, 'linkedServices.preview', scope),
  }
  return { factory, linkedService, vaults, refusals }
}

/** The tab's title, before anything is read. */
export async function titleOf(params: LinkedServiceParams, tab = ''): Promise<{ title: string }> {
  const { linkedService } = await params
  return { title: `${linkedService}${tab}` }
}
