import type { Metadata } from 'next'
import { portalPage } from '@/app/portal-page'
import { CredentialPanel } from '@/components/linked-services/credential-panel'
import { LinkedServiceFacts } from '@/components/linked-services/linked-service-facts'
import { LinkedServiceHeader } from '@/components/linked-services/linked-service-header'
import { UsedByPanel } from '@/components/linked-services/used-by-panel'
import { PageBody } from '@/components/shell/page-header'
import { ConnectionTest } from '@/components/stores/connection-test'
import { Panel } from '@/components/ui/panel'
import { type LinkedServiceParams, loadLinkedService, titleOf } from '../load'

type PageProps = { params: LinkedServiceParams }

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  return await titleOf(params)
}

export default async function LinkedServicePage({ params }: PageProps) {
  return portalPage(async (ctx) => {
    const { factory, linkedService, vaults, refusals } = await loadLinkedService(ctx, params)
    const { id, name, runtimeName, credentialVersion, isCredentialLost, credentialOnNodes } = linkedService
    return (
      <>
        <LinkedServiceHeader
          factory={factory}
          linkedService={linkedService}
          vaults={vaults}
          refusal={refusals.write}
        />
        <PageBody>
          <ConnectionTest
            store={{ id, name, isFolder: linkedService.address.type === 'FileServer' }}
            runtimeName={runtimeName}
            refusal={refusals.test}
          />
          <div className="grid items-start gap-4 lg:grid-cols-2">
            <div className="flex flex-col gap-4">
              <Panel title="Address">
                <LinkedServiceFacts factory={factory.name} linkedService={linkedService} />
              </Panel>
              <UsedByPanel factory={factory.name} linkedService={linkedService} />
            </div>
            <CredentialPanel
              version={credentialVersion}
              isLost={isCredentialLost}
              runtimeName={runtimeName}
              nodes={credentialOnNodes}
              nodeCount={linkedService.nodeCount}
            />
          </div>
        </PageBody>
      </>
    )
  })
}
