import type { Metadata } from 'next'
import { portalPage } from '@/app/portal-page'
import { readQuery, type SearchParams } from '@/app/search-params'
import { CreateFactoryButton } from '@/components/factories/create-factory-button'
import { FactoriesTable } from '@/components/factories/factories-table'
import { PageBody, PageHeader } from '@/components/shell/page-header'
import { namePaging } from '@/components/table/name-paging'
import { listFactorySummaries } from '@/lib/factories/queries'
import { paths } from '@/lib/paths'
import { whyNot } from '@/lib/permissions'

export const metadata: Metadata = { title: 'Factories' }

export default async function FactoriesPage({ searchParams }: { searchParams: SearchParams }) {
  const { q, after } = await readQuery(searchParams)
  return portalPage(async (ctx) => {
    const page = await listFactorySummaries(ctx, { q, after })
    const mayNotCreate = whyNot(ctx.actor, 'factories.create', { tenantId: ctx.actor.tenantId })
    const some = page.total > 0 || q !== ''
    return (
      <>
        <PageHeader
          title="Factories"
          description="Each owns its runtimes, linked services, pipelines and runs."
          actions={some ? <CreateFactoryButton disabledReason={mayNotCreate} /> : undefined}
        />
        <PageBody>
          <FactoriesTable
            factories={page.rows}
            paging={namePaging(page, {
              path: paths.factories(),
              q,
              after,
              what: ['factory', 'factories'],
            })}
            filtered={some}
            actor={ctx.actor}
          />
        </PageBody>
      </>
    )
  })
}
