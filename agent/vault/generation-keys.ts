import { createPrivateKey, createPublicKey } from 'node:crypto'
import { open, seal, wrapContext } from '../../lib/protocol/sealing.ts'
import type { VaultWrap } from '../../lib/protocol/vault.ts'
import type { Member } from '../../lib/protocol/membership.ts'

/** DER of a PKCS #8 X25519 key up to its 32 bytes (RFC 8410, section 7). */
const pkcs8Prefix = Buffer.from('302e020100300506032b656e04220420', 'hex')

/** Wraps a generation's private key for one member. */
export async function wrapFor(
  member: Member,
  key: { runtimeId: string; generation: number; privateKey: string },
): Promise<VaultWrap> {
  const { runtimeId, generation, privateKey } = key
  const { nodeId } = member
  const context = wrapContext({ runtimeId, nodeId, generation })
  const sealed = await seal(
    { publicKey: member.vaultKey, purpose: 'wrap' },
    context,
    Buffer.from(privateKey, 'base64url'),
  )
  return { nodeId, generation, ...sealed }
}

/** Opens a wrap of this node; throws where it is not the private half of the generation that the signed log names. */
export async function unwrap(
  wrap: VaultWrap,
  by: { runtimeId: string; vaultPrivateKey: string; publicKey: string },
): Promise<string> {
  const { nodeId, generation } = wrap
  const context = wrapContext({ runtimeId: by.runtimeId, nodeId, generation })
  const bytes = await open({ privateKey: by.vaultPrivateKey, purpose: 'wrap' }, context, wrap)
  const privateKey = Buffer.from(bytes).toString('base64url')
  if (publicKeyOf(privateKey) !== by.publicKey)
    throw new Error(`The key of generation ${generation} is not the one that the membership log names`)
  return privateKey
}

function publicKeyOf(privateKey: string): string | undefined {
  const key = createPrivateKey({
    key: Buffer.concat([pkcs8Prefix, Buffer.from(privateKey, 'base64url')]),
    format: 'der',
    type: 'pkcs8',
  })
  return createPublicKey(key).export({ format: 'jwk' }).x
}
