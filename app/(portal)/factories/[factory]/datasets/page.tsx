import { ArrowRightLeft, Table2 } from 'lucide-react'
import type { Metadata } from 'next'
import { portalPage } from '@/app/portal-page'
import { readQuery, type SearchParams } from '@/app/search-params'
import { CreateDatasetButton } from '@/components/datasets/create-dataset-button'
import { DatasetsTable } from '@/components/datasets/datasets-table'
import { namePaging } from '@/components/table/name-paging'
import { PageBody, PageHeader } from '@/components/shell/page-header'
import { ButtonLink } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { listDatasets } from '@/lib/datasets/queries'
import { listStoreChoices } from '@/lib/linked-services/queries'
import { paths } from '@/lib/paths'
import { whyNot } from '@/lib/permissions'
import { loadFactory } from '../load'

export const metadata: Metadata = { title: 'Datasets' }
type PageProps = { params: Promise<{ factory: string }>; searchParams: SearchParams }

export default async function DatasetsPage({ params, searchParams }: PageProps) {
  const { q, after } = await readQuery(searchParams)
  return portalPage(async (ctx) => {
    const factory = await loadFactory(ctx, (await params).factory)
    const [page, stores] = await Promise.all([
      listDatasets(ctx, factory, { q, after }),
      listStoreChoices(ctx, factory),
    ])
    const none = page.total === 0 && q === ''
    const scope = { tenantId: factory.tenantId, factoryId: factory.id }
    const actions = (
      <>
        <CreateDatasetButton
          factory={{ id: factory.id, name: factory.name }}
          stores={stores}
          refusals={{
            write: whyNot(ctx.actor, 'datasets.write', scope),
            browse: whyNot(ctx.actor, 'linkedServices.browse', scope),
          }}
        />
        <ButtonLink
          variant="primary"
          icon={<ArrowRightLeft aria-hidden />}
          href={paths.copyWizard(factory.name)}
        >
          Copy data
        </ButtonLink>
      </>
    )
    return (
      <>
        <PageHeader
          title="Datasets"
          description="The tables, files and folders that pipelines copy between."
          actions={none ? undefined : actions}
        />
        <PageBody>
          <DatasetsTable
            factory={factory.name}
            datasets={page.rows}
            paging={namePaging(page, {
              path: paths.datasets(factory.name),
              q,
              after,
              what: ['dataset', 'datasets'],
            })}
            empty={
              none ? (
                <EmptyState icon={<Table2 aria-hidden />} title="No dataset yet" action={actions}>
                  A dataset names a table, a file or a folder of a linked service. Copying data makes the
                  datasets that it needs; others are made by hand.
                </EmptyState>
              ) : null
            }
          />
        </PageBody>
      </>
    )
  })
}
