import { apiRoute } from '@/lib/api-route'
import { getNode, listNodeCredentials } from '@/lib/nodes/queries'

export const GET = apiRoute<{ node: string }>(async (ctx, { params }) => ({
  node: await getNode(ctx, params.node),
  credentials: await listNodeCredentials(ctx, params.node),
}))
