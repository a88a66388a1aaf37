import { ArrowRightLeft } from 'lucide-react'
import type { Metadata } from 'next'
import { portalPage } from '@/app/portal-page'
import { PipelinesTable } from '@/components/pipelines/pipelines-table'
import { PageBody, PageHeader } from '@/components/shell/page-header'
import { FilterBox } from '@/components/table/filter-box'
import { ButtonLink } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { paths } from '@/lib/paths'
import { listPipelines } from '@/lib/pipelines/queries'
import { loadFactory } from '../load'
import { pipelineRights } from './load'

type PageProps = {
  params: Promise<{ factory: string }>
  searchParams: Promise<{ q?: string | string[] }>
}

export const metadata: Metadata = { title: 'Pipelines' }

export default async function PipelinesPage({ params, searchParams }: PageProps) {
  const { factory: name } = await params
  const { q } = await searchParams
  const filter = typeof q === 'string' ? q.trim().toLowerCase() : ''
  return await portalPage(async (ctx) => {
    const factory = await loadFactory(ctx, name)
    const all = await listPipelines(ctx, factory)
    const shown = all.filter((pipeline) => pipeline.name.toLowerCase().includes(filter))
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
          actions={all.length > 0 ? copyData : null}
        />
        <PageBody>
          <PipelinesTable
            factory={factory.name}
            pipelines={shown}
            rights={pipelineRights(ctx.actor, factory)}
            toolbar={
              all.length > 0 ? <FilterBox label="Filter pipelines" placeholder="Filter by name" /> : null
            }
            empty={
              all.length > 0 ? (
                <EmptyState title="No pipeline fits this filter">Try a part of its name.</EmptyState>
              ) : (
                <EmptyState title="No pipeline yet" action={copyData}>
                  A pipeline says what to copy from where to where, and how. The wizard makes one in five
                  steps.
                </EmptyState>
              )
            }
          />
        </PageBody>
      </>
    )
  })
}
