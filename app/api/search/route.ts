import { apiRoute } from '@/lib/api-route'
import { search } from '@/lib/search/queries'

export const GET = apiRoute(async (ctx, { searchParams }) => ({
  hits: await search(ctx, searchParams.get('q') ?? ''),
}))
