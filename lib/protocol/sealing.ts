import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core'
import { canonicalJson } from './canonical-json.ts'
import type { CredentialContext } from './vault.ts'

/**
 * HPKE as browser and node both use it: RFC 9180 base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM
 * (blueprint, section 7). Keys are raw 32 bytes, base64url on the wire.
 */
export type Sealed = { enc: string; ciphertext: string }
export type VaultKeyPair = { publicKey: string; privateKey: string }
/** Separates the uses of one key, so that a ciphertext of one kind never opens as another. */
export const sealingPurposes = ['credential', 'wrap', 'preview', 'link-secret'] as const
export type SealingPurpose = (typeof sealingPurposes)[number]

export async function generateVaultKeyPair(): Promise<VaultKeyPair> {
  const { kem } = suite()
  const pair = await kem.generateKeyPair()
  return {
    publicKey: toBase64Url(await kem.serializePublicKey(pair.publicKey)),
    privateKey: toBase64Url(await kem.serializePrivateKey(pair.privateKey)),
  }
}

/** Seals `plaintext` for `publicKey`, bound to `context`: opening with any other context fails. */
export async function seal(
  to: { publicKey: string; purpose: SealingPurpose },
  context: unknown,
  plaintext: Uint8Array,
): Promise<Sealed> {
  const { hpke, kem } = suite()
  const recipientPublicKey = await kem.deserializePublicKey(fromBase64Url(to.publicKey))
  const { enc, ct } = await hpke.seal(
    { recipientPublicKey, info: info(to.purpose) },
    plaintext,
    contextBytes(context),
  )
  return { enc: toBase64Url(enc), ciphertext: toBase64Url(ct) }
}

/** Opens what `seal` made; throws where key, purpose, context or a single bit differs. */
export async function open(
  by: { privateKey: string; purpose: SealingPurpose },
  context: unknown,
  sealed: Sealed,
): Promise<Uint8Array> {
  const { hpke, kem } = suite()
  const recipientKey = await kem.deserializePrivateKey(fromBase64Url(by.privateKey))
  const plain = await hpke.open(
    { recipientKey, enc: fromBase64Url(sealed.enc), info: info(by.purpose) },
    fromBase64Url(sealed.ciphertext),
    contextBytes(context),
  )
  return new Uint8Array(plain)
}

/** Pads to 256-byte steps, so that the length of a ciphertext does not tell the length of a password. */
export function padSecret(json: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(json)
  const padded = new Uint8Array(Math.ceil((bytes.length + 1) / 256) * 256).fill(0x20)
  padded.set(bytes)
  return padded
}

/** What a credential is bound to: a changed host, port, database, user, version or runtime makes it unreadable. */
export function credentialContext(context: CredentialContext): unknown {
  return { kind: 'credential', ...context }
}

/** What a wrapped generation key is bound to: a wrap for one node does not open as another's, nor as another generation's. */
export function wrapContext(wrap: { runtimeId: string; nodeId: string; generation: number }): unknown {
  const { runtimeId, nodeId, generation } = wrap
  return { kind: 'wrap', runtimeId, nodeId, generation }
}

/** What half B of an enrolment link is bound to when the browser seals it for the vault. */
export function linkSecretContext(link: { runtimeId: string; linkId: string }): unknown {
  const { runtimeId, linkId } = link
  return { kind: 'link-secret', runtimeId, linkId }
}

export function toBase64Url(bytes: ArrayBuffer | Uint8Array): string {
  const view = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes)
  let binary = ''
  for (let start = 0; start < view.length; start += 8192)
    binary += String.fromCharCode(...view.subarray(start, start + 8192))
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  const bytes = new Uint8Array(binary.length)
  for (let index = 0; index < binary.length; index += 1) bytes[index] = binary.charCodeAt(index)
  return bytes
}

function suite() {
  const kem = new DhkemX25519HkdfSha256()
  return { kem, hpke: new CipherSuite({ kem, kdf: new HkdfSha256(), aead: new Aes256Gcm() }) }
}
function info(purpose: SealingPurpose): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`sallyport/vault/1|${purpose}`)
}
function contextBytes(context: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(canonicalJson(context))
}
