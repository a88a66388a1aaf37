import { readNodesQuery } from '@/app/search-params'
import { apiRoute } from '@/lib/api-route'
import { getRuntimeLive } from '@/lib/runtimes/queries'

export const GET = apiRoute<{ runtime: string }>((ctx, { params, searchParams }) =>
  getRuntimeLive(ctx, params.runtime, {
    queue: searchParams.has('queue'),
    ...readNodesQuery(Object.fromEntries(searchParams)),
  }),
)
