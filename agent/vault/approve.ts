import { endpoints } from '../../lib/protocol/endpoints.ts'
import { keyFingerprint } from '../../lib/protocol/fingerprint.ts'
import type { VaultNewcomer } from '../../lib/protocol/vault.ts'
import { AgentFailure } from '../agent-error.ts'
import { holdsBothKeys } from './admission.ts'
import type { VaultOptions } from './vault.ts'
import { type Desk, prepareAdmission, submit } from './vault-work.ts'

/** Other members may write to the log meanwhile: so many times it is tried again. */
const maxTries = 10

/**
 * Admits a newcomer on the word of the person at this machine. The portal brings its keys, but the fingerprint was read on
 * the newcomer itself and typed here: keys that the portal slipped in have another one.
 */
export async function approveNewcomer(
  options: VaultOptions,
  fingerprint: string,
  openDesk: () => Promise<Desk>,
): Promise<string> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const desk = await openDesk()
    const { membership } = desk.holding
    if (!membership.members.has(options.nodeId))
      throw new AgentFailure(
        'config',
        'This node is not admitted to the vault itself, so it cannot admit another. Approve on the machine of a node that is',
      )
    const newcomer = await findNewcomer(options, fingerprint, desk)
    const admission = await prepareAdmission(options, desk, { newcomer, by: 'approval' })
    if (!admission)
      throw new AgentFailure(
        'config',
        'This node cannot open the newest key of the vault. Approve on another',
      )
    if (await submit(options, desk, admission)) return newcomer.nodeName
  }
  throw new AgentFailure('portal', 'Other nodes kept writing to the membership log. Approve once more')
}

async function findNewcomer(
  { call }: VaultOptions,
  fingerprint: string,
  { signal, holding }: Desk,
): Promise<VaultNewcomer> {
  const answer = await call(endpoints.vault, { op: 'newcomers' }, signal)
  if (answer.op !== 'newcomers')
    throw new Error('The portal answered a question for newcomers with something else')
  const waiting = answer.newcomers.filter(({ nodeId }) => !holding.membership.members.has(nodeId))
  for (const newcomer of waiting)
    if ((await keyFingerprint(newcomer)) === fingerprint) {
      if (await holdsBothKeys(newcomer)) return newcomer
      throw new AgentFailure('key', `The two keys of "${newcomer.nodeName}" do not belong together`)
    }
  // Their fingerprints are not told: what the portal says of them must not be what somebody types here.
  const names = waiting.map(({ nodeName }) => `"${nodeName}"`).join(', ')
  throw new AgentFailure(
    'key',
    waiting.length === 0
      ? 'No node waits for admission to this runtime. Register it first'
      : `No node with this fingerprint waits, but others do: ${names}. Read it again on the new machine, with "status". If it stays so, the portal shows other keys than that machine has: approve nothing, and look at the portal`,
  )
}
