import { apiRoute } from '@/lib/api-route'
import { getFactoryByName } from '@/lib/factories/queries'
import { listRuntimeVaults } from '@/lib/linked-services/queries'

export const GET = apiRoute<{ factory: string }>(async (ctx, { params, searchParams }) => {
  const factory = await getFactoryByName(ctx, params.factory)
  const q = (searchParams.get('q') ?? '').trim().slice(0, 200)
  return await listRuntimeVaults(ctx, factory, { q, names: searchParams.getAll('name').slice(0, 1) })
})
