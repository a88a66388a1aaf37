import { ArrowRightLeft } from 'lucide-react'
import type { Metadata } from 'next'
import { portalPage } from '@/app/portal-page'
import { readQuery, type SearchParams } from '@/app/search-params'
import { PipelinesTable } from '@/components/pipelines/pipelines-table'
import { PageBody, PageHeader } from '@/components/shell/page-header'
import { FilterBox } from '@/components/table/filter-box'
import { namePaging } from '@/components/table/name-paging'
import { ButtonLink } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { paths } from '@/lib/paths'
import { listPipelines } from '@/lib/pipelines/queries'
import { loadFactory } from '../load'
import { pipelineRights } from './load'

type PageProps = { params: Promise<{ factory: string }>; searchParams: SearchParams }

export const metadata: Metadata = { title: 'Pipelines' }

export default async function PipelinesPage({ params, searchParams }: PageProps) {
  const { q, after } = await readQuery(searchParams)
  return await portalPage(async (ctx) => {
    const factory = await loadFactory(ctx, (await params).factory)
    const page = await listPipelines(ctx, factory, { q, after })
    const none = page.total === 0 && q === ''
    const copyData = (
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
          title="Pipelines"
          description="Saved copies, ready to run again."
          actions={none ? null : copyData}
        />
        <PageBody>
          <PipelinesTable
            factory={factory.name}
            pipelines={page.rows}
            paging={namePaging(page, {
              path: paths.pipelines(factory.name),
              q,
              after,
              what: ['pipeline', 'pipelines'],
            })}
            rights={pipelineRights(ctx.actor, factory)}
            toolbar={
              none ? null : <FilterBox label="Filter pipelines" placeholder="Filter by name or dataset" />
            }
            empty={
              none ? (
                <EmptyState title="No pipeline yet" action={copyData}>
                  A pipeline says what to copy from where to where, and how. The wizard makes one in five
                  steps.
                </EmptyState>
              ) : (
                <p className="px-4 py-10 text-center text-fg-muted">No pipeline matches the filter.</p>
              )
            }
          />
        </PageBody>
      </>
    )
  })
}
