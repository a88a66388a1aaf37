import { apiRoute } from '@/lib/api-route'
import { verifyAuditChain } from '@/lib/audit/queries'

export const GET = apiRoute((ctx) => verifyAuditChain(ctx))
