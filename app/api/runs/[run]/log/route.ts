import { apiRoute } from '@/lib/api-route'
import { getRunLog } from '@/lib/runs/queries'

export const GET = apiRoute<{ run: string }>(async (ctx, { params }) => getRunLog(ctx, params.run))
