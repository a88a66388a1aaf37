import { createHmac, timingSafeEqual } from 'node:crypto'
import { newcomerProofText, vaultKeyBindingText } from '../../lib/protocol/enrolment.ts'
import { isSignedBy } from '../../lib/protocol/membership.ts'
import { linkSecretContext, open } from '../../lib/protocol/sealing.ts'
import type { VaultNewcomer } from '../../lib/protocol/vault.ts'
import type { KeyOf } from './credentials.ts'

type Judge = { runtimeId: string; strict: boolean; keyOf: KeyOf }
/** `pass`: this node cannot tell; another may. */
export type Judgement = { verdict: 'admit' } | { verdict: 'refuse' | 'pass'; reason: string }

/**
 * Whether a newcomer may read the credentials (blueprint, section 5). *Standard*: the portal vouches, but a link's proof must
 * hold where it can be checked. *Strict*: only a link's proof admits.
 */
export async function judgeNewcomer(newcomer: VaultNewcomer, judge: Judge): Promise<Judgement> {
  const { signingKey, vaultKey, vaultKeySignature, link } = newcomer
  const binding = new TextEncoder().encode(vaultKeyBindingText(signingKey, vaultKey))
  if (!(await isSignedBy(signingKey, binding, vaultKeySignature)))
    return { verdict: 'refuse', reason: 'its two keys do not belong together' }
  if (!link?.sealedSecret) {
    if (!judge.strict) return { verdict: 'admit' }
    return {
      verdict: 'refuse',
      reason:
        'the runtime is strict, and the node shows no proof of an enrolment link. Remove it, and register it with a new link',
    }
  }
  const privateKey = await judge.keyOf(link.sealedSecret.generation)
  if (privateKey === null)
    return { verdict: 'pass', reason: 'this node cannot open the secret of its enrolment link' }
  const context = linkSecretContext({ runtimeId: judge.runtimeId, linkId: link.linkId })
  try {
    const half = await open({ privateKey, purpose: 'link-secret' }, context, link.sealedSecret)
    if (proves(half, newcomer)) return { verdict: 'admit' }
    return { verdict: 'refuse', reason: 'the proof of its enrolment link is wrong' }
  } catch {
    return { verdict: 'refuse', reason: 'the secret of its enrolment link was tampered with' }
  }
}

function proves(half: Uint8Array, { link, signingKey, vaultKey }: VaultNewcomer): boolean {
  if (!link) return false
  const expected = createHmac('sha256', half)
    .update(newcomerProofText(link.linkId, signingKey, vaultKey))
    .digest()
  const given = Buffer.from(link.proof, 'base64url')
  return given.length === expected.length && timingSafeEqual(given, expected)
}
