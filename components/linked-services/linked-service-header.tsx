import { LinkedServiceActions } from '@/components/linked-services/linked-service-actions'
import { CredentialState } from '@/components/linked-services/credential-state'
import { RefreshUntilOpened } from '@/components/linked-services/refresh-until-opened'
import { PageHeader } from '@/components/shell/page-header'
import { StoreKind } from '@/components/stores/store-kind'
import { Tabs } from '@/components/ui/tabs'
import { describeAddress } from '@/lib/linked-services/address'
import type { LinkedService, RuntimeVaults } from '@/lib/linked-services/queries'
import { paths } from '@/lib/paths'

type LinkedServiceHeaderProps = {
  factory: { id: string; name: string }
  linkedService: LinkedService
  vaults: RuntimeVaults
  /** Why this person may not change it; null where they may. */
  refusal: string | null
}

/** The top of a linked service's page. */
export function LinkedServiceHeader({ factory, linkedService, vaults, refusal }: LinkedServiceHeaderProps) {
  const { id, name, definition, credentialVersion, runtimeId, type, address } = linkedService
  const { openedCount, nodeCount, isCredentialLost, updatedAt } = linkedService
  const tab = (label: string, of: 'overview' | 'browse' | 'definition') => ({
    label,
    href: paths.linkedService(factory.name, name, of),
  })
  return (
    <PageHeader
      title={name}
      state={
        <>
          <StoreKind type={type} />
          <span className="font-mono text-xs wrap-anywhere text-fg-muted">{describeAddress(address)}</span>
          <CredentialState {...linkedService} />
          <RefreshUntilOpened
            key={credentialVersion}
            pending={credentialVersion > 0 && !isCredentialLost && openedCount < nodeCount}
          />
        </>
      }
      actions={
        <LinkedServiceActions
          factory={{ id: factory.id, name: factory.name }}
          linkedService={{ id, name, definition, credentialVersion, isCredentialLost, runtimeId, updatedAt }}
          vaults={vaults}
          users={linkedService.usedBy.datasets}
          refusal={refusal}
        />
      }
      tabs={
        <Tabs
          label={`Linked service ${name}`}
          tabs={[tab('Overview', 'overview'), tab('Browse', 'browse'), tab('Definition', 'definition')]}
        />
      }
    />
  )
}
