import { apiRoute } from '@/lib/api-route'
import { getReceipts } from '@/lib/runs/queries'

export const GET = apiRoute<{ run: string }>(async (ctx, { params }) => getReceipts(ctx, params.run))
