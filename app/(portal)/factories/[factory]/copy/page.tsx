import { Plug } from 'lucide-react'
import type { Metadata } from 'next'
import { z } from 'zod'
import { portalPage } from '@/app/portal-page'
import type { SearchParams } from '@/app/search-params'
import { CopyWizard } from '@/components/copy-wizard/copy-wizard'
import { PageBody, PageHeader } from '@/components/shell/page-header'
import { ButtonLink } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { listStoreChoices } from '@/lib/linked-services/queries'
import { paths } from '@/lib/paths'
import { whyNot } from '@/lib/permissions'
import { loadFactory } from '../load'

export const metadata: Metadata = { title: 'Copy data' }
type PageProps = { params: Promise<{ factory: string }>; searchParams: SearchParams }

const Name = z.string().max(200).optional().catch(undefined)
const From = z.object({ linkedService: Name, schema: Name, table: Name })

export default async function CopyDataPage({ params, searchParams }: PageProps) {
  const from = From.parse(await searchParams)
  return portalPage(async (ctx) => {
    const factory = await loadFactory(ctx, (await params).factory)
    const names = from.linkedService ? [from.linkedService] : []
    const choices = await listStoreChoices(ctx, factory, { names })
    const scope = { tenantId: factory.tenantId, factoryId: factory.id }
    return (
      <>
        <PageHeader title="Copy data" description="From a store to a store, through the nodes only." />
        <PageBody>
          {choices.total === 0 ? (
            <NoStore factory={factory.name} />
          ) : (
            <CopyWizard
              factory={{ id: factory.id, name: factory.name }}
              choices={choices}
              refusals={{
                save: whyNot(ctx.actor, 'pipelines.write', scope),
                run: whyNot(ctx.actor, 'runs.start', scope),
                browse: whyNot(ctx.actor, 'linkedServices.browse', scope),
                preview: whyNot(ctx.actor, 'linkedServices.preview', scope),
              }}
              from={from}
            />
          )}
        </PageBody>
      </>
    )
  })
}

function NoStore({ factory }: { factory: string }) {
  return (
    <div className="rounded-lg border bg-panel">
      <EmptyState
        icon={<Plug aria-hidden />}
        title="There is no store to copy from yet"
        action={
          <ButtonLink variant="primary" href={`${paths.linkedServices(factory)}?new=1`}>
            Create a linked service
          </ButtonLink>
        }
      >
        A copy goes from one linked service to another, through the nodes of an integration runtime.
      </EmptyState>
    </div>
  )
}
