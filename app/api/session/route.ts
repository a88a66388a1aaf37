import { getSessionLeft } from '@/lib/account/queries'
import { apiRoute } from '@/lib/api-route'
import { keepSession } from '@/lib/auth/session'

export const GET = apiRoute(async (ctx, { searchParams }) => {
  if (searchParams.get('inUse') === 'true') await keepSession(ctx)
  return getSessionLeft(ctx)
})
