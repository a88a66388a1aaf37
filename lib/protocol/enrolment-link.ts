import { enrolmentTokenPattern } from './enrolment.ts'
import { type Sealed, seal, toBase64Url } from './sealing.ts'

/** Ends the token of a portal whose certificate a public authority vouches for: the node asks its own trust store. */
export const noFingerprint = '0'.repeat(64)

export type VaultTarget = { generation: number; publicKey: string }
/** What the portal gets to know of a link: a hash of half A, and half B only as the vault's nodes can open it. */
export type EnrolmentLinkRecord = {
  runtimeId: string
  linkId: string
  secretHash: string
  sealedSecret?: { generation: number } & Sealed
}

/** Made where the person is (browser or command line), so that half B never reaches the portal in clear. */
export async function makeEnrolmentLink(
  runtimeId: string,
  vault: VaultTarget | null,
  fingerprint: string | null,
): Promise<{ token: string; record: EnrolmentLinkRecord }> {
  const linkId = crypto.randomUUID()
  const [halfA, halfB] = [randomHalf(), randomHalf()]
  const token = `irj1.${linkId}.${toBase64Url(halfA)}.${toBase64Url(halfB)}.${fingerprint ?? noFingerprint}`
  const record: EnrolmentLinkRecord = { runtimeId, linkId, secretHash: await hashLinkSecret(halfA) }
  if (!vault) return { token, record }
  const to = { publicKey: vault.publicKey, purpose: 'link-secret' } as const
  const sealed = await seal(to, linkSecretContext(linkId, runtimeId), halfB)
  return { token, record: { ...record, sealedSecret: { generation: vault.generation, ...sealed } } }
}

/** What half B is bound to when it is sealed for the vault. */
export function linkSecretContext(linkId: string, runtimeId: string): unknown {
  return { linkId, runtimeId }
}

/** SHA-256 of the raw 32 bytes of half A, hex: all that the portal keeps of it. */
export async function hashLinkSecret(halfA: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', halfA)
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

export type EnrolmentToken = { linkId: string; halfA: string; halfB: string; fingerprint: string | null }

/** Null for a text that is no token. A null fingerprint means the system's own trust store. */
export function readEnrolmentToken(token: string): EnrolmentToken | null {
  const [, linkId, halfA, halfB, fingerprint] = enrolmentTokenPattern.exec(token.trim()) ?? []
  if (!linkId || !halfA || !halfB || !fingerprint) return null
  return { linkId, halfA, halfB, fingerprint: fingerprint === noFingerprint ? null : fingerprint }
}

function randomHalf(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(32))
}
