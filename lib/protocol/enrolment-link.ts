import { noFingerprint } from './enrolment.ts'
import { linkSecretContext, type Sealed, seal, toBase64Url } from './sealing.ts'

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
  const secret = toBase64Url(halfA)
  const token = `irj1.${linkId}.${secret}.${toBase64Url(halfB)}.${fingerprint ?? noFingerprint}`
  const record: EnrolmentLinkRecord = { runtimeId, linkId, secretHash: await sha256Hex(secret) }
  if (!vault) return { token, record }
  const to = { publicKey: vault.publicKey, purpose: 'link-secret' } as const
  const sealed = await seal(to, linkSecretContext({ runtimeId, linkId }), halfB)
  return { token, record: { ...record, sealedSecret: { generation: vault.generation, ...sealed } } }
}

function randomHalf(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(32))
}
async function sha256Hex(text: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
