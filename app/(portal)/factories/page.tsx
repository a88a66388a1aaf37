import type { Metadata } from 'next'
import { portalPage } from '@/app/portal-page'
import { readQuery, type SearchParams } from '@/app/search-params'
import { CreateFactoryButton } from '@/components/factories/create-factory-button'
import { FactoriesTable } from '@/components/factories/factories-table'
import { PageBody, PageHeader } from '@/components/shell/page-header'
import { listFactorySummaries } from '@/lib/factories/queries'
import { whyNot } from '@/lib/permissions'

export const metadata: Metadata = { title: 'Factories' }

export default async function FactoriesPage({ searchParams }: { searchParams: SearchParams }) {
  const { q } = await readQuery(searchParams)
  return portalPage(async (ctx) => {
    const factories = await listFactorySummaries(ctx, q)
    const mayNotCreate = whyNot(ctx.actor, 'factories.create', { tenantId: ctx.actor.tenantId })
    const some = factories.length > 0 || q !== ''
    return (
      <>
        <PageHeader
          title="Factories"
          description="Each owns its runtimes, linked services, pipelines and runs."
          actions={some ? <CreateFactoryButton disabledReason={mayNotCreate} /> : undefined}
        />
        <PageBody>
          <FactoriesTable factories={factories} filtered={q !== ''} actor={ctx.actor} />
        </PageBody>
      </>
    )
  })
}
