import { apiRoute } from '@/lib/api-route'
import { beginningOf } from '@/lib/copy-wizard/names'
import { listDatasetNames } from '@/lib/datasets/queries'
import { getFactoryByName } from '@/lib/factories/queries'
import { listPipelineNames } from '@/lib/pipelines/queries'

export const GET = apiRoute<{ factory: string }>(async (ctx, { params, searchParams }) => {
  const factory = await getFactoryByName(ctx, params.factory)
  const name = (searchParams.get('pipeline') ?? '').slice(0, 200)
  const pipelines = await listPipelineNames(ctx, factory, name)
  return {
    isPipeline: pipelines.some((taken) => taken.toLowerCase() === name.toLowerCase()),
    datasets: await listDatasetNames(ctx, factory, beginningOf(name)),
  }
})
