import { AgentFailure } from '../agent-error.ts'
import type { Identity } from '../identity.ts'
import type { VaultOptions } from './vault.ts'
import { type Desk, submit, wrapAll } from './vault-work.ts'

/** Other members may write to the log meanwhile: so many times it is tried again. */
const maxTries = 10

/**
 * Gives this node new keys in two phases. First they are kept on the disk and offered: one signed entry of the log names
 * them, with the vault key wrapped anew. Then the first request with them makes the portal forget the old ones. Either answer
 * may be lost: both pairs lie on the disk until the portal is known to have taken the new one.
 */
export function rotateKeys(options: VaultOptions, openDesk: () => Promise<Desk>): Promise<void> {
  const { keyring, log } = options
  return keyring.whileLocked(async () => {
    const { holding } = await openDesk()
    if (!holding.membership.members.has(options.nodeId))
      throw new AgentFailure(
        'config',
        'This node is not admitted to the vault yet. Its keys rotate after that',
      )
    const next = await keyring.prepareNext()
    await offer(options, next, openDesk)
    keyring.prefer(next)
    // The first use: what it answers are wraps that the new keys open, and they are kept before the old keys are forgotten.
    await openDesk()
    await keyring.adoptNext(next)
    log.info('the keys of this node were rotated')
  })
}

async function offer(options: VaultOptions, next: Identity, openDesk: () => Promise<Desk>): Promise<void> {
  const { nodeId, runtimeId } = options
  const { signingKey, vaultKey, vaultKeySignature } = next
  const member = { nodeId, signingKey, vaultKey }
  for (let tries = 0; tries < maxTries; tries += 1) {
    const desk = await openDesk()
    if (desk.holding.membership.members.get(nodeId)?.signingKey === signingKey) return
    const wraps = await wrapAll(member, { ...desk, runtimeId })
    if (!wraps)
      throw new AgentFailure(
        'config',
        'This node cannot open the newest key of the vault, so it keeps its own',
      )
    const change = { op: 'rekey' as const, ...member }
    if (await submit(options, desk, { change, wraps, vaultKeySignature })) return
  }
  throw new AgentFailure('portal', 'Other nodes kept writing to the membership log. Rotate once more')
}
