import { followLog, type Membership, MembershipError, noMembership } from '../../lib/protocol/membership.ts'
import type { MembershipEntry, VaultState } from '../../lib/protocol/vault.ts'
import type { Log } from '../log.ts'
import type { KeptCredential, VaultFile } from './vault-file.ts'

/** What this node holds, as one value: replaced whole after every change that it accepted. */
export type Holding = { file: VaultFile; membership: Membership }

/** What the portal sent, taken in where it holds. Throws `MembershipError` and keeps the old state where the log does not. */
export async function takeIn(
  { file, membership }: Holding,
  state: VaultState,
  node: { nodeId: string; runtimeId: string; log: Log },
): Promise<Holding> {
  const added = afterHead(membership, state.log)
  const followed = await followLog(membership, added, node.runtimeId)
  // Only members remember: who is not admitted yet may still see the vault be lost with its last member and founded anew.
  const isMember = followed.members.has(node.nodeId) || membership.members.has(node.nodeId)
  const wraps = new Map(file.wraps.map((wrap) => [wrap.generation, wrap]))
  for (const wrap of state.wraps) if (wrap.nodeId === node.nodeId) wraps.set(wrap.generation, wrap)
  return {
    membership: isMember ? followed : noMembership,
    file: {
      vaultVersion: state.vaultVersion,
      // A portal that was strict once cannot talk this node out of it, even before the log says so.
      strict: file.strict || state.admission === 'strict',
      log: isMember ? [...file.log, ...added] : [],
      wraps: [...wraps.values()],
      credentials: takeCredentials(file.credentials, state, node.log),
    },
  }
}

/** The pull asks for the remembered head too: a portal without it shows a log that was cut back or replaced. */
function afterHead(membership: Membership, log: readonly MembershipEntry[]): readonly MembershipEntry[] {
  if (membership.seq === 0) return log
  const [head, ...added] = log
  if (head?.body.seq !== membership.seq)
    throw new MembershipError(
      `the log is shorter than the ${membership.seq} entries that this node remembers`,
    )
  if (head.hash !== membership.headHash)
    throw new MembershipError(`entry ${membership.seq} is not the one that this node remembers (a fork)`)
  return added
}

/** Versions only grow: an older credential would let an old password live on after it was changed. */
function takeCredentials(kept: readonly KeptCredential[], state: VaultState, log: Log): KeptCredential[] {
  const credentials = new Map(kept.map((one) => [one.sealed.linkedServiceId, one]))
  for (const id of state.removedCredentialIds) credentials.delete(id)
  for (const offered of state.credentials) {
    const { linkedServiceId } = offered.sealed
    const known = credentials.get(linkedServiceId)
    if (known && isOlder(offered, known))
      log.warn({ linkedServiceId }, 'the portal offered an older credential: refused')
    else credentials.set(linkedServiceId, offered)
  }
  return [...credentials.values()]
}

function isOlder({ sealed: offered }: KeptCredential, { sealed: known }: KeptCredential): boolean {
  return (
    offered.version < known.version ||
    (offered.version === known.version && offered.generation < known.generation)
  )
}
