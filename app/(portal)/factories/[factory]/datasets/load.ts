import type { UserContext } from '@/lib/auth/session'
import { getDataset } from '@/lib/datasets/queries'
import { whyNot } from '@/lib/permissions'
import { loadFactory } from '../load'

export type DatasetParams = Promise<{ factory: string; dataset: string }>

/** What every tab of a dataset's page shows at its top, and what this person may not do. */
export async function loadDataset(ctx: UserContext, params: DatasetParams) {
  const { factory: factoryName, dataset: name } = await params
  const factory = await loadFactory(ctx, factoryName)
  const dataset = await getDataset(ctx, factory, name)
  const scope = { tenantId: factory.tenantId, factoryId: factory.id }
  const refusals = {
    write: whyNot(ctx.actor, 'datasets.write', scope),
    browse: whyNot(ctx.actor, 'linkedServices.browse', scope),
    preview: whyNot(ctx.actor, 'linkedServices.preview', scope),
  }
  return { factory, dataset, refusals }
}
