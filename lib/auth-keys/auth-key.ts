import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { portal, portalKey } from '@/lib/portal'
import { authKeyPattern } from '@/lib/protocol/enrolment'

/** Which key of which runtime; sealed keys are bound to it, so that a row's key cannot pose as another's. */
export type AuthKeyOwner = { runtimeId: string; name: string }

/** A new secret of 32 bytes, as the columns of `auth_keys` hold it. */
export function makeAuthKey(owner: AuthKeyOwner): { keyHash: string; sealedKey: string } {
  const secret = randomBytes(32)
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', portalKey('auth-keys'), iv).setAAD(context(owner))
  const sealed = Buffer.concat([iv, cipher.update(secret), cipher.final(), cipher.getAuthTag()])
  return { keyHash: hash(secret), sealedKey: `v1.${sealed.toString('base64')}` }
}

/** The key as people paste it; the address in it is the portal's of today. */
export function openAuthKey(owner: AuthKeyOwner, sealedKey: string, factoryName: string): string {
  const sealed = Buffer.from(sealedKey.replace(/^v1\./, ''), 'base64')
  const decipher = createDecipheriv('aes-256-gcm', portalKey('auth-keys'), sealed.subarray(0, 12))
    .setAAD(context(owner))
    .setAuthTag(sealed.subarray(-16))
  const secret = Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()])
  const { host } = new URL(portal().publicUrl)
  return `IR@${owner.runtimeId}@${factoryName}@ServiceEndpoint=${host}@${secret.toString('base64')}`
}

/** What registration looks a key up by: only the secret half counts, so a portal may move. Null for any other text. */
export function readAuthKey(authKey: string): { runtimeId: string; keyHash: string } | null {
  const match = authKeyPattern.exec(authKey.trim())
  if (!match?.[1] || !match[4]) return null
  return { runtimeId: match[1], keyHash: hash(Buffer.from(match[4], 'base64')) }
}

function hash(secret: Buffer): string {
  return createHash('sha256').update(secret).digest('hex')
}
function context({ runtimeId, name }: AuthKeyOwner): Buffer {
  return Buffer.from(`sallyport/auth-key/${runtimeId}/${name}`)
}
