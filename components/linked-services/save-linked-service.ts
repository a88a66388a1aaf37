import type { EditedLinkedService } from '@/components/linked-services/form-values'
import { findVault } from '@/components/linked-services/use-vaults'
import type { ActionResult } from '@/lib/action-result'
import { saveLinkedServiceAction } from '@/lib/linked-services/actions'
import { secretKindOf, secretNames, storeAddress } from '@/lib/linked-services/address'
import type { RuntimeVaults } from '@/lib/linked-services/queries'
import type { LinkedServiceDefinition } from '@/lib/linked-services/schemas'
import type { SealedCredential, StoreAddress, StoreSecret } from '@/lib/protocol/stores'

type Typed = { name: string; definition: LinkedServiceDefinition; secret: string }
type Target = {
  factory: { id: string; name: string }
  linkedServiceId: string
  before: EditedLinkedService | null
  vaults: RuntimeVaults
  /** When what is edited was changed last, as it was opened; null where there is nothing to overwrite. */
  basedOn: Date | null
}
type Saved = { linkedServiceId: string; name: string; credentialVersion: number }

/** Seals what was typed for the nodes of the runtime, then saves. The secret itself never leaves this function. */
export async function sealAndSave(typed: Typed, target: Target): Promise<ActionResult<Saved>> {
  const { name, secret } = typed
  const definition = withoutEmptyDescription(typed.definition)
  const { factory, linkedServiceId } = target
  const factoryId = factory.id
  const basedOn = target.basedOn?.toISOString()
  const address = storeAddress(definition)
  const kind = secretKindOf(address)
  if (kind === null || secret === '')
    return await saveLinkedServiceAction({ factoryId, linkedServiceId, name, definition, basedOn })

  const vault = await findVault(factory.name, target.vaults, definition.connectVia.referenceName)
  if (!vault?.publicKey) return withoutVault(definition.connectVia.referenceName, secretNames[kind])
  const { sealCredential } = await import('@/lib/protocol/browser-side')
  const sealed: SealedCredential = await sealCredential(
    { generation: vault.generation, publicKey: vault.publicKey },
    bindingOf(target, { runtimeId: vault.runtimeId, address }),
    secretOf(kind, secret),
  )
  return await saveLinkedServiceAction({ factoryId, linkedServiceId, name, definition, sealed, basedOn })
}

function withoutEmptyDescription({ description, ...rest }: LinkedServiceDefinition): LinkedServiceDefinition {
  return description?.trim() ? { ...rest, description } : rest
}

function bindingOf(
  { linkedServiceId, before }: Target,
  { runtimeId, address }: { runtimeId: string; address: StoreAddress },
) {
  return { runtimeId, linkedServiceId, version: (before?.credentialVersion ?? 0) + 1, address }
}

function secretOf(kind: StoreSecret['kind'], secret: string): StoreSecret {
  if (kind === 'password') return { kind, password: secret }
  if (kind === 'accountKey') return { kind, accountKey: secret }
  return { kind, sasToken: secret }
}

function withoutVault(runtimeName: string, secretName: string): ActionResult<Saved> {
  const message = `"${runtimeName}" has no node yet, and only a node can open the ${secretName}. Register its first node, then save`
  const fields = { 'definition.connectVia.referenceName': [message] }
  return { ok: false, error: { code: 'conflict', message, fields } }
}
