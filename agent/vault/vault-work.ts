import { endpoints } from '../../lib/protocol/endpoints.ts'
import { credentialContext, generateVaultKeyPair, open, seal } from '../../lib/protocol/sealing.ts'
import type { SealedCredential } from '../../lib/protocol/stores.ts'
import type { MembershipBody, VaultWork, VaultWrap } from '../../lib/protocol/vault.ts'
import { Refusal } from '../client.ts'
import { whyNotAdmit } from './admission.ts'
import { wrapFor } from './generation-keys.ts'
import { writeEntry } from './membership.ts'
import type { Holding, VaultOptions } from './vault.ts'

type Desk = {
  holding: Holding
  keyOf: (generation: number) => Promise<string | null>
  work: readonly VaultWork[]
  signal: AbortSignal
}
type Append = { change: MembershipBody['change']; wraps: VaultWrap[]; resealed?: SealedCredential[] }

/** Does the first piece of work that this node can and may do; true where it did one, so that the state must be pulled again. */
export async function doVaultWork(options: VaultOptions, desk: Desk): Promise<boolean> {
  for (const work of desk.work) {
    const append = await prepare(options, desk, work)
    if (!append) continue
    await submit(options, desk, append)
    return true
  }
  return false
}

function prepare(options: VaultOptions, desk: Desk, work: VaultWork): Promise<Append | null> {
  if (work.kind === 'found') return found(options, desk)
  return work.kind === 'admit' ? admit(options, desk, work) : rotate(options, desk, work)
}

/** The first node of a runtime makes the vault. Never again: a node that remembers a log refuses. */
async function found(
  { nodeId, runtimeId, identity }: VaultOptions,
  { holding }: Desk,
): Promise<Append | null> {
  if (holding.membership.seq > 0) return null
  const { publicKey, privateKey } = await generateVaultKeyPair()
  const self = { nodeId, signingKey: identity.signingKey, vaultKey: identity.vaultKey }
  const wrap = await wrapFor(self, { runtimeId, generation: 1, privateKey })
  return { change: { op: 'found', ...self, generation: 1, publicKey }, wraps: [wrap] }
}

async function admit(
  options: VaultOptions,
  desk: Desk,
  { newcomer }: Extract<VaultWork, { kind: 'admit' }>,
): Promise<Append | null> {
  const { runtimeId, log } = options
  const { membership, file } = desk.holding
  const newest = membership.generations.at(-1)
  const privateKey = newest ? await desk.keyOf(newest.generation) : null
  if (!newest || privateKey === null || membership.members.has(newcomer.nodeId)) return null
  const reason = await whyNotAdmit(newcomer, { runtimeId, strict: file.strict, keyOf: desk.keyOf })
  if (reason !== null) {
    log.warn({ newcomer: newcomer.nodeName, reason }, 'did not admit a node to the vault')
    return null
  }
  const { nodeId, signingKey, vaultKey } = newcomer
  const member = { nodeId, signingKey, vaultKey }
  const wrap = await wrapFor(member, { runtimeId, generation: newest.generation, privateKey })
  return { change: { op: 'admit', ...member }, wraps: [wrap] }
}

/** A new generation that the removed nodes cannot read, with every credential sealed anew for it. */
async function rotate(
  options: VaultOptions,
  desk: Desk,
  work: Extract<VaultWork, { kind: 'rotate' }>,
): Promise<Append | null> {
  const { nodeId, runtimeId } = options
  const { membership, file } = desk.holding
  const removedNodeIds = work.removedNodeIds.filter((id) => membership.members.has(id))
  if (removedNodeIds.length === 0 || removedNodeIds.includes(nodeId) || !membership.members.has(nodeId))
    return null
  const { publicKey, privateKey } = await generateVaultKeyPair()
  const generation = membership.generations.length + 1
  const remaining = [...membership.members.values()].filter(
    (member) => !removedNodeIds.includes(member.nodeId),
  )
  const wraps = await Promise.all(
    remaining.map((member) => wrapFor(member, { runtimeId, generation, privateKey })),
  )
  const resealed: SealedCredential[] = []
  for (const { sealed, context } of file.credentials) {
    const oldKey = await desk.keyOf(sealed.generation)
    if (oldKey === null) return null
    const bound = credentialContext(context)
    const plain = await open({ privateKey: oldKey, purpose: 'credential' }, bound, sealed)
    resealed.push({
      ...sealed,
      generation,
      ...(await seal({ publicKey, purpose: 'credential' }, bound, plain)),
    })
  }
  return { change: { op: 'rotate', removedNodeIds, generation, publicKey }, wraps, resealed }
}

/** Another node may have written the same entry first: then the next pull shows it. */
async function submit(options: VaultOptions, { holding, signal }: Desk, append: Append): Promise<void> {
  const entry = writeEntry(holding.membership, append.change, options)
  const { wraps, resealed = [] } = append
  try {
    await options.call(endpoints.vault, { op: 'append', entry, wraps, resealed }, signal)
    options.log.info({ op: append.change.op, seq: entry.body.seq }, 'wrote to the membership log')
  } catch (error) {
    if (!(error instanceof Refusal && error.code === 'conflict')) throw error
  }
}
