import { conflict, invalidInput } from '@/lib/errors'
import { secretKindOf, secretNames, whySecretAgain } from '@/lib/linked-services/address'
import type { SealedCredential, StoreAddress } from '@/lib/protocol/stores'

/** The field of the form at which everything about the secret is said. */
const secretField = 'secret'

type Vault = { id: string; name: string; vaultGeneration: number }
type StoredCredential = {
  runtimeId: string
  address: StoreAddress
  credentialVersion: number
  sealedCredential: SealedCredential | null
}
type Offer = {
  linkedServiceId: string
  address: StoreAddress
  runtime: Vault
  sealed: SealedCredential | undefined
}
export type CredentialDecision = {
  credentialVersion: number
  sealedCredential: SealedCredential | null
  /** Nodes must pull: something was sealed anew, or went away. */
  changed: boolean
}

/**
 * Whether the credential that the browser sealed may be stored, or the present one may stay. The portal cannot open either;
 * it holds the rules that can be seen from outside: vault generation, version and address.
 */
export function decideCredential(before: StoredCredential | null, offer: Offer): CredentialDecision {
  const kind = secretKindOf(offer.address)
  if (kind === null) return withoutSecret(before, offer)
  if (offer.sealed) return newCredential(before, { ...offer, sealed: offer.sealed })
  if (before === null || before.sealedCredential === null) throw atSecret(`Enter the ${secretNames[kind]}`)
  const reason = whySecretAgain(before, { address: offer.address, runtimeId: offer.runtime.id })
  if (reason) throw atSecret(`${reason}: enter the ${secretNames[kind]} again`)
  return {
    credentialVersion: before.credentialVersion,
    sealedCredential: before.sealedCredential,
    changed: false,
  }
}

function withoutSecret(before: StoredCredential | null, offer: Offer): CredentialDecision {
  if (offer.sealed) throw atSecret('This store needs no secret')
  return { credentialVersion: 0, sealedCredential: null, changed: Boolean(before?.sealedCredential) }
}

function newCredential(
  before: StoredCredential | null,
  { linkedServiceId, runtime, sealed }: Offer & { sealed: SealedCredential },
): CredentialDecision {
  if (runtime.vaultGeneration === 0)
    throw conflict(`Integration runtime "${runtime.name}" has no vault yet: register its first node`)
  if (sealed.generation !== runtime.vaultGeneration)
    throw conflict(
      `The vault of "${runtime.name}" got a new key while this form was open. Nothing was saved: save again`,
    )
  const version = (before?.credentialVersion ?? 0) + 1
  if (sealed.linkedServiceId !== linkedServiceId)
    throw atSecret('The secret was sealed for another linked service. Enter it again')
  if (sealed.version !== version)
    throw conflict('Somebody else saved a new secret meanwhile. Load the page again, then enter yours')
  return { credentialVersion: version, sealedCredential: sealed, changed: true }
}

function atSecret(message: string) {
  return invalidInput(message, { [secretField]: [message] })
}
