import type { Metadata } from 'next'
import { portalPage } from '@/app/portal-page'
import { PipelineHeader } from '@/components/pipelines/pipeline-header'
import { RunFiltersBar } from '@/components/runs/run-filters'
import { RunsTable } from '@/components/runs/runs-table'
import { PageBody } from '@/components/shell/page-header'
import { EmptyState } from '@/components/ui/empty-state'
import { paths } from '@/lib/paths'
import { listRuns } from '@/lib/runs/queries'
import { RunFilters } from '@/lib/runs/schemas'
import { loadPipeline, type PipelineParams } from '../../load'

type PageProps = { params: PipelineParams; searchParams: Promise<Record<string, string | string[]>> }

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  return { title: `${(await params).pipeline}, runs` }
}

export default async function PipelineRunsPage({ params, searchParams }: PageProps) {
  const { pipeline: _pipeline, ...asked } = RunFilters.parse(await searchParams)
  return await portalPage(async (ctx) => {
    const { factory, pipeline, rights } = await loadPipeline(ctx, params)
    const filters = { ...asked, pipelineId: pipeline.id }
    const isFiltered = Object.values(asked).some((value) => value !== undefined)
    return (
      <>
        <PipelineHeader factory={factory.name} pipeline={pipeline} rights={rights} />
        <PageBody>
          <RunsTable
            ofOnePipeline
            factory={factory.name}
            filters={filters}
            initial={await listRuns(ctx, factory, filters)}
            path={paths.pipeline(factory.name, pipeline.name, 'runs')}
            toolbar={<RunFiltersBar filters={asked} ofOnePipeline />}
            empty={
              isFiltered ? (
                <EmptyState title="No run matches the filters">
                  Choose another status or a longer time.
                </EmptyState>
              ) : (
                <EmptyState title="This pipeline has never run">Run it now with the button above.</EmptyState>
              )
            }
          />
        </PageBody>
      </>
    )
  })
}
