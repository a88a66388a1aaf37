import type { Metadata } from 'next'
import { portalPage } from '@/app/portal-page'
import type { SearchParams } from '@/app/search-params'
import { AuditTable } from '@/components/audit/audit-table'
import { VerifyChainPanel } from '@/components/audit/verify-chain-panel'
import { PageBody, PageHeader } from '@/components/shell/page-header'
import { listAuditEntries } from '@/lib/audit/queries'
import { AuditFilters } from '@/lib/audit/schemas'
import { listFactories } from '@/lib/factories/queries'

export const metadata: Metadata = { title: 'Audit' }

export default async function AuditPage({ searchParams }: { searchParams: SearchParams }) {
  const filters = AuditFilters.parse(await searchParams)
  return portalPage(async (ctx) => {
    const page = await listAuditEntries(ctx, filters)
    const factories = await listFactories(ctx)
    return (
      <>
        <PageHeader
          title="Audit"
          description="Every change, in the order it happened. Each entry carries the hash of the one before it, so that none can vanish unseen."
        />
        <PageBody>
          <VerifyChainPanel />
          <AuditTable
            page={page}
            filters={filters}
            factories={{ rows: factories.rows.map(({ id, name }) => ({ id, name })), total: factories.total }}
          />
        </PageBody>
      </>
    )
  })
}
