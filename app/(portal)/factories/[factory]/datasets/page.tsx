import { ArrowRightLeft, Table2 } from 'lucide-react'
import type { Metadata } from 'next'
import { portalPage } from '@/app/portal-page'
import { readQuery, type SearchParams } from '@/app/search-params'
import { DatasetsTable } from '@/components/datasets/datasets-table'
import { PageBody, PageHeader } from '@/components/shell/page-header'
import { ButtonLink } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { listDatasets } from '@/lib/datasets/queries'
import { getFactoryByName } from '@/lib/factories/queries'
import { paths } from '@/lib/paths'

export const metadata: Metadata = { title: 'Datasets' }
type PageProps = { params: Promise<{ factory: string }>; searchParams: SearchParams }

export default async function DatasetsPage({ params, searchParams }: PageProps) {
  const { q } = await readQuery(searchParams)
  return portalPage(async (ctx) => {
    const factory = await getFactoryByName(ctx, (await params).factory)
    const datasets = await listDatasets(ctx, factory, q)
    const none = datasets.length === 0 && q === ''
    const copy = (
      <ButtonLink
        variant="primary"
        icon={<ArrowRightLeft aria-hidden />}
        href={paths.copyWizard(factory.name)}
      >
        Copy data
      </ButtonLink>
    )
    return (
      <>
        <PageHeader
          title="Datasets"
          description="The tables, files and folders that pipelines copy between."
          actions={none ? undefined : copy}
        />
        <PageBody>
          <DatasetsTable
            factory={factory.name}
            datasets={datasets}
            empty={
              none ? (
                <EmptyState icon={<Table2 aria-hidden />} title="No dataset yet" action={copy}>
                  A dataset names a table, a file or a folder of a linked service. Copying data makes the
                  datasets that it needs.
                </EmptyState>
              ) : null
            }
          />
        </PageBody>
      </>
    )
  })
}
