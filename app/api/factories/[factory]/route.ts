import { apiRoute } from '@/lib/api-route'
import { getFactoryByName, getFactoryOverview } from '@/lib/factories/queries'

export const GET = apiRoute<{ factory: string }>(async (ctx, { params }) => {
  const { id } = await getFactoryByName(ctx, params.factory)
  return await getFactoryOverview(ctx, id)
})
