import { createHmac, timingSafeEqual } from 'node:crypto'
import { newcomerProofText, vaultKeyBindingText } from '../../lib/protocol/enrolment.ts'
import { linkSecretContext, open } from '../../lib/protocol/sealing.ts'
import type { VaultNewcomer } from '../../lib/protocol/vault.ts'
import { isSigned } from './membership.ts'

type Judge = {
  runtimeId: string
  strict: boolean
  /** Private key of a generation that this node holds. */
  keyOf: (generation: number) => Promise<string | null>
}

/**
 * Why a newcomer may not read the credentials; null where it may (blueprint, section 5). *Standard*: the portal vouches, but a
 * link's proof must hold where it can be checked. *Strict*: only a link's proof admits.
 */
export async function whyNotAdmit(newcomer: VaultNewcomer, judge: Judge): Promise<string | null> {
  const { signingKey, vaultKey, vaultKeySignature, link } = newcomer
  if (!isSigned(signingKey, Buffer.from(vaultKeyBindingText(signingKey, vaultKey)), vaultKeySignature))
    return 'its two keys do not belong together'
  if (!link?.sealedSecret)
    return judge.strict ? 'the runtime is strict, and it shows no proof of an enrolment link' : null
  const privateKey = await judge.keyOf(link.sealedSecret.generation)
  if (privateKey === null) return 'this node cannot open the secret of its enrolment link'
  const context = linkSecretContext({ runtimeId: judge.runtimeId, linkId: link.linkId })
  try {
    const half = await open({ privateKey, purpose: 'link-secret' }, context, link.sealedSecret)
    return proves(half, newcomer) ? null : 'the proof of its enrolment link is wrong'
  } catch {
    return 'the secret of its enrolment link was tampered with'
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
