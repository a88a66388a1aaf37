import type { Metadata } from 'next'
import { portalPage } from '@/app/portal-page'
import { readQuery, type SearchParams } from '@/app/search-params'
import { CreateRuntimeButton } from '@/components/runtimes/runtime-sheets'
import { RuntimesTable } from '@/components/runtimes/runtimes-table'
import { PageBody, PageHeader } from '@/components/shell/page-header'
import { namePaging } from '@/components/table/name-paging'
import { paths } from '@/lib/paths'
import { whyNot } from '@/lib/permissions'
import { listRuntimes } from '@/lib/runtimes/queries'
import { loadFactory } from '../load'

export const metadata: Metadata = { title: 'Integration runtimes' }

type RuntimesPageProps = { params: Promise<{ factory: string }>; searchParams: SearchParams }

export default async function RuntimesPage({ params, searchParams }: RuntimesPageProps) {
  const { factory: factoryName } = await params
  const { q, after } = await readQuery(searchParams)
  return portalPage(async (ctx) => {
    const factory = await loadFactory(ctx, factoryName)
    const page = await listRuntimes(ctx, factory.id, { q, after })
    const place = { id: factory.id, name: factory.name }
    const mayNotCreate = whyNot(ctx.actor, 'runtimes.write', {
      tenantId: factory.tenantId,
      factoryId: factory.id,
    })
    const some = page.total > 0 || q !== ''
    return (
      <>
        <PageHeader
          title="Integration runtimes"
          description="Nodes next to your data. They dial out to this portal; nothing dials in."
          actions={some ? <CreateRuntimeButton factory={place} disabledReason={mayNotCreate} /> : undefined}
        />
        <PageBody>
          <RuntimesTable
            factory={place}
            runtimes={page.rows}
            paging={namePaging(page, {
              path: paths.runtimes(factory.name),
              q,
              after,
              what: ['runtime', 'runtimes'],
            })}
            some={some}
            mayNotCreate={mayNotCreate}
          />
        </PageBody>
      </>
    )
  })
}
