import { credentialContext, linkSecretContext, padSecret, seal, toBase64Url } from './sealing.ts'
import type { SealedCredential, StoreSecret } from './stores.ts'
import type { CredentialContext } from './vault.ts'

/** The vault of a runtime as the portal tells it. */
export type VaultTarget = { generation: number; publicKey: string }

/** Seals a store's secret for the nodes of a runtime, bound to the address it is for. Runs where the secret is typed. */
export async function sealCredential(
  vault: VaultTarget,
  context: CredentialContext,
  secret: StoreSecret,
): Promise<SealedCredential> {
  const { linkedServiceId, version } = context
  const { generation, publicKey } = vault
  const to = { publicKey, purpose: 'credential' } as const
  const sealed = await seal(to, credentialContext(context), padSecret(JSON.stringify(secret)))
  return { linkedServiceId, version, generation, ...sealed }
}

/** What the portal is told of a new link, and the token that it never sees whole. */
export type NewEnrolmentLink = {
  token: string
  input: {
    runtimeId: string
    linkId: string
    secretHash: string
    sealedSecret?: { generation: number; enc: string; ciphertext: string }
  }
}

/** All zeros: the portal's certificate comes from a public authority, and a node pins nothing. */
export const noFingerprint = '0'.repeat(64)

/**
 * Makes an enrolment link out of two random halves (blueprint, section 5): of A the portal keeps a SHA-256, B it gets only
 * sealed for the nodes, or not at all while there is no vault.
 */
export async function makeEnrolmentLink(
  runtimeId: string,
  { vault, fingerprint }: { vault: VaultTarget | null; fingerprint: string | null },
): Promise<NewEnrolmentLink> {
  const linkId = crypto.randomUUID()
  const [a, b] = [crypto.getRandomValues(new Uint8Array(32)), crypto.getRandomValues(new Uint8Array(32))]
  const [halfA, halfB] = [toBase64Url(a), toBase64Url(b)]
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(halfA)))
  const secretHash = [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  const token = `irj1.${linkId}.${halfA}.${halfB}.${fingerprint ?? noFingerprint}`
  if (!vault) return { token, input: { runtimeId, linkId, secretHash } }
  const to = { publicKey: vault.publicKey, purpose: 'link-secret' } as const
  const sealed = await seal(to, linkSecretContext({ runtimeId, linkId }), b)
  return {
    token,
    input: { runtimeId, linkId, secretHash, sealedSecret: { generation: vault.generation, ...sealed } },
  }
}
