import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import { vaultKeyBindingText } from '../lib/protocol/enrolment.ts'
import { Base64Url, Iso } from '../lib/protocol/scalars.ts'
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
  /** Null: made before this was noted. */
  madeAt: Date | null
}

const Pair = z.object({ publicKey: Base64Url, privateKey: Base64Url })
const Keys = z.object({ signing: Pair, vault: Pair, madeAt: Iso.optional() })
type Keys = z.infer<typeof Keys>
/** `next`: offered to the portal or about to be, and not yet known to have been used. */
const IdentityFile = Keys.extend({ next: Keys.optional() })
type IdentityFile = z.infer<typeof IdentityFile>
const fileName = 'identity.json'

/** Reads the keys of this node; makes them on first use. */
export async function ensureIdentity(dataDir: string): Promise<Identity> {
  const kept = await readIdentities(dataDir)
  if (kept) return kept.current
  const file = makeKeys()
  await writeFile(dataDir, file)
  return toIdentity(file)
}

export async function readIdentities(
  dataDir: string,
): Promise<{ current: Identity; next: Identity | null } | null> {
  const file = await readFile(dataDir)
  return file && { current: toIdentity(file), next: file.next ? toIdentity(file.next) : null }
}

/** Makes the next keys and keeps them beside the present ones; answers those that are kept already. */
export async function makeNextKeys(dataDir: string): Promise<Identity> {
  const file = await requireFile(dataDir)
  const next = file.next ?? makeKeys()
  if (!file.next) await writeFile(dataDir, { ...file, next })
  return toIdentity(next)
}

/** Forgets the present keys for the next ones. */
export async function adoptNextKeys(dataDir: string): Promise<void> {
  const { next } = await requireFile(dataDir)
  if (next) await writeFile(dataDir, next)
}

async function requireFile(dataDir: string): Promise<IdentityFile> {
  const file = await readFile(dataDir)
  if (!file) throw new Error(`The keys of this node are missing from ${dataDir}`)
  return file
}

async function readFile(dataDir: string): Promise<IdentityFile | null> {
  const text = await readFileIfThere(join(dataDir, fileName))
  return text === null ? null : IdentityFile.parse(JSON.parse(text))
}

function writeFile(dataDir: string, file: IdentityFile): Promise<void> {
  return writePrivateFile(join(dataDir, fileName), `${JSON.stringify(file, null, 2)}\n`)
}

function makeKeys(): Keys {
  return { signing: makePair('ed25519'), vault: makePair('x25519'), madeAt: new Date().toISOString() }
}

function toIdentity({ signing, vault, madeAt }: Keys): Identity {
  const key = createPrivateKey({ key: jwk('Ed25519', signing), format: 'jwk' })
  const signBytes = (bytes: Uint8Array) => sign(null, bytes, key)
  const binding = Buffer.from(vaultKeyBindingText(signing.publicKey, vault.publicKey))
  return {
    signingKey: signing.publicKey,
    vaultKey: vault.publicKey,
    vaultPrivateKey: vault.privateKey,
    vaultKeySignature: signBytes(binding).toString('base64url'),
    sign: signBytes,
    madeAt: madeAt === undefined ? null : new Date(madeAt),
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
