import type { Metadata } from 'next'
import { portalPage } from '@/app/portal-page'
import { DefinitionForm } from '@/components/linked-services/definition-form'
import { LinkedServiceHeader } from '@/components/linked-services/linked-service-header'
import { PageBody } from '@/components/shell/page-header'
import { type LinkedServiceParams, loadLinkedService, titleOf } from '../../load'

type PageProps = { params: LinkedServiceParams }

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  return await titleOf(params, ', definition')
}

export default async function LinkedServiceDefinitionPage({ params }: PageProps) {
  return portalPage(async (ctx) => {
    const { factory, linkedService, vaults, refusals } = await loadLinkedService(ctx, params)
    const { id, name, definition, credentialVersion, isCredentialLost, runtimeId, updatedAt } = linkedService
    return (
      <>
        <LinkedServiceHeader
          factory={factory}
          linkedService={linkedService}
          vaults={vaults}
          refusal={refusals.write}
        />
        <PageBody>
          <DefinitionForm
            factory={{ id: factory.id, name: factory.name }}
            linkedService={{
              id,
              name,
              definition,
              credentialVersion,
              isCredentialLost,
              runtimeId,
              updatedAt,
            }}
            vaults={vaults}
            refusal={refusals.write}
          />
        </PageBody>
      </>
    )
  })
}
