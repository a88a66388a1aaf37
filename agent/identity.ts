import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import { vaultKeyBindingText } from '../lib/protocol/enrolment.ts'
import { Base64Url } from '../lib/protocol/scalars.ts'
import { readFileIfThere, writePrivateFile } from './files.ts'

/** The node's two key pairs. The private halves never leave its disk. */
export type Identity = {
  /** Ed25519, raw 32 bytes, base64url. */
  signingKey: string
  /** X25519, raw 32 bytes, base64url. */
  vaultKey: string
  /** For opening what is wrapped for this node. */
  vaultPrivateKey: string
  /** Ed25519 over the vault key: the same owner holds both. */
  vaultKeySignature: string
  sign: (bytes: Uint8Array) => Buffer
}

const IdentityFile = z.object({
  signing: z.object({ publicKey: Base64Url, privateKey: Base64Url }),
  vault: z.object({ publicKey: Base64Url, privateKey: Base64Url }),
})
type IdentityFile = z.infer<typeof IdentityFile>
const fileName = 'identity.json'

/** Reads the keys of this node; makes them on first use. */
export async function ensureIdentity(dataDir: string): Promise<Identity> {
  const kept = await readIdentity(dataDir)
  if (kept) return kept
  const file = { signing: makePair('ed25519'), vault: makePair('x25519') }
  await writePrivateFile(join(dataDir, fileName), `${JSON.stringify(file, null, 2)}\n`)
  return toIdentity(file)
}

export async function readIdentity(dataDir: string): Promise<Identity | null> {
  const text = await readFileIfThere(join(dataDir, fileName))
  return text === null ? null : toIdentity(IdentityFile.parse(JSON.parse(text)))
}

function toIdentity({ signing, vault }: IdentityFile): Identity {
  const key = createPrivateKey({ key: jwk('Ed25519', signing), format: 'jwk' })
  const signBytes = (bytes: Uint8Array) => sign(null, bytes, key)
  const binding = Buffer.from(vaultKeyBindingText(signing.publicKey, vault.publicKey))
  return {
    signingKey: signing.publicKey,
    vaultKey: vault.publicKey,
    vaultPrivateKey: vault.privateKey,
    vaultKeySignature: signBytes(binding).toString('base64url'),
    sign: signBytes,
  }
}

function makePair(type: 'ed25519' | 'x25519') {
  // The two calls look alike, but each has its own overload.
  const { privateKey }: { privateKey: KeyObject } =
    type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('x25519')
  const { x, d } = privateKey.export({ format: 'jwk' })
  if (!x || !d) throw new Error(`Cannot make a key pair (${type})`)
  return { publicKey: x, privateKey: d }
}

function jwk(crv: string, pair: { publicKey: string; privateKey: string }) {
  return { kty: 'OKP', crv, x: pair.publicKey, d: pair.privateKey }
}
