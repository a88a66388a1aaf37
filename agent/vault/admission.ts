import { createHmac, timingSafeEqual } from 'node:crypto'
import { newcomerProofText, vaultKeyBindingText } from '../../lib/protocol/enrolment.ts'
import { isSignedBy } from '../../lib/protocol/membership.ts'
import { linkSecretContext, open } from '../../lib/protocol/sealing.ts'
import type { admittedBy, VaultNewcomer } from '../../lib/protocol/vault.ts'
import type { KeyOf } from './credentials.ts'

type Judge = { runtimeId: string; strict: boolean; keyOf: KeyOf }
/** `pass`: this node cannot tell; another may. `wait`: only a person can, on the machine of a member. */
export type Judgement =
  | { verdict: 'admit'; by: (typeof admittedBy)[number] }
  | { verdict: 'refuse' | 'pass' | 'wait'; reason: string }

/**
 * Whether a newcomer may read the credentials (blueprint, section 5). *Standard*: the portal vouches, but a link's proof must
 * hold where it can be checked. *Strict*: only a link's proof admits, or a person's approval (approve.ts).
 */
export async function judgeNewcomer(newcomer: VaultNewcomer, judge: Judge): Promise<Judgement> {
  if (!(await holdsBothKeys(newcomer)))
    return { verdict: 'refuse', reason: 'its two keys do not belong together' }
  const { link } = newcomer
  if (!link?.sealedSecret) {
    if (!judge.strict) return { verdict: 'admit', by: 'portal' }
    return { verdict: 'wait', reason: `the runtime is strict, and the node ${unprovenBecause(newcomer)}` }
  }
  const privateKey = await judge.keyOf(link.sealedSecret.generation)
  if (privateKey === null)
    return { verdict: 'pass', reason: 'this node cannot open the secret of its enrolment link' }
  const context = linkSecretContext({ runtimeId: judge.runtimeId, linkId: link.linkId })
  try {
    const half = await open({ privateKey, purpose: 'link-secret' }, context, link.sealedSecret)
    if (proves(half, newcomer)) return { verdict: 'admit', by: 'link' }
    return { verdict: 'refuse', reason: 'the proof of its enrolment link is wrong' }
  } catch {
    return { verdict: 'refuse', reason: 'the secret of its enrolment link was tampered with' }
  }
}

/** The signing key vouches for the vault key: what was approved or proven of one holds for the other. */
export function holdsBothKeys({ signingKey, vaultKey, vaultKeySignature }: VaultNewcomer): Promise<boolean> {
  const binding = new TextEncoder().encode(vaultKeyBindingText(signingKey, vaultKey))
  return isSignedBy(signingKey, binding, vaultKeySignature)
}

function unprovenBecause({ link }: VaultNewcomer): string {
  return link
    ? 'came by an enrolment link that was made before the vault, so that its proof cannot be checked'
    : 'came by an authentication key, which proves nothing to the other nodes'
}

function proves(half: Uint8Array, { link, signingKey, vaultKey }: VaultNewcomer): boolean {
  if (!link) return false
  const expected = createHmac('sha256', half)
    .update(newcomerProofText(link.linkId, signingKey, vaultKey))
    .digest()
  const given = Buffer.from(link.proof, 'base64url')
  return given.length === expected.length && timingSafeEqual(given, expected)
}
