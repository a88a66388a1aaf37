import type { Metadata } from 'next'
import { portalPage } from '@/app/portal-page'
import { RunFiltersBar } from '@/components/runs/run-filters'
import { RunsTable } from '@/components/runs/runs-table'
import { PageBody, PageHeader } from '@/components/shell/page-header'
import { ButtonLink } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { paths } from '@/lib/paths'
import { listRuns } from '@/lib/runs/queries'
import { RunFilters } from '@/lib/runs/schemas'
import { loadFactory } from '../load'

type PageProps = {
  params: Promise<{ factory: string }>
  searchParams: Promise<Record<string, string | string[]>>
}

export const metadata: Metadata = { title: 'Runs' }

export default async function RunsPage({ params, searchParams }: PageProps) {
  const { factory: name } = await params
  const filters = RunFilters.parse(await searchParams)
  return await portalPage(async (ctx) => {
    const factory = await loadFactory(ctx, name)
    const initial = await listRuns(ctx, factory, filters)
    const isFiltered = Object.values(filters).some((value) => value !== undefined)
    return (
      <>
        <PageHeader title="Runs" description="Every time a pipeline ran, newest first." />
        <PageBody>
          <RunsTable
            factory={factory.name}
            filters={filters}
            initial={initial}
            path={paths.runs(factory.name)}
            toolbar={<RunFiltersBar filters={filters} />}
            empty={isFiltered ? <NoMatch factory={factory.name} /> : <NoRuns factory={factory.name} />}
          />
        </PageBody>
      </>
    )
  })
}

function NoMatch({ factory }: { factory: string }) {
  return (
    <EmptyState
      title="No run matches the filters"
      action={<ButtonLink href={paths.runs(factory)}>Clear filters</ButtonLink>}
    >
      Choose another status or a longer time.
    </EmptyState>
  )
}

function NoRuns({ factory }: { factory: string }) {
  return (
    <EmptyState
      title="Nothing has run yet"
      action={
        <>
          <ButtonLink href={paths.pipelines(factory)}>See pipelines</ButtonLink>
          <ButtonLink variant="primary" href={paths.copyWizard(factory)}>
            Copy data
          </ButtonLink>
        </>
      }
    >
      A run is one execution of a pipeline. It shows live how many rows have been copied, and ends with a
      receipt.
    </EmptyState>
  )
}
