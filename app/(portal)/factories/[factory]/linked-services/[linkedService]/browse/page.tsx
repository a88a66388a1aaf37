import type { Metadata } from 'next'
import { portalPage } from '@/app/portal-page'
import { LinkedServiceBrowser } from '@/components/linked-services/linked-service-browser'
import { LinkedServiceHeader } from '@/components/linked-services/linked-service-header'
import { PageBody } from '@/components/shell/page-header'
import { type LinkedServiceParams, loadLinkedService, titleOf } from '../../load'

type PageProps = { params: LinkedServiceParams }

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  return await titleOf(params, ', browse')
}

export default async function BrowseLinkedServicePage({ params }: PageProps) {
  return portalPage(async (ctx) => {
    const { factory, linkedService, vaults, refusals } = await loadLinkedService(ctx, params)
    const { id, name, type, updatedAt } = linkedService
    return (
      <>
        <LinkedServiceHeader
          factory={factory}
          linkedService={linkedService}
          vaults={vaults}
          refusal={refusals.write}
        />
        <PageBody>
          <LinkedServiceBrowser
            factory={factory.name}
            store={{ id, name, type, version: updatedAt.toISOString() }}
            refusals={refusals}
          />
        </PageBody>
      </>
    )
  })
}
