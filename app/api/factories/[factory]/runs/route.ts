import { apiRoute } from '@/lib/api-route'
import { parseInput } from '@/lib/command'
import { getFactoryByName } from '@/lib/factories/queries'
import { listRuns } from '@/lib/runs/queries'
import { RunFilters } from '@/lib/runs/schemas'

export const GET = apiRoute<{ factory: string }>(async (ctx, { params, searchParams }) => {
  const factory = await getFactoryByName(ctx, params.factory)
  return await listRuns(ctx, factory, parseInput(RunFilters, Object.fromEntries(searchParams)))
})
