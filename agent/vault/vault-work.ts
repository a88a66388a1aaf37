import { endpoints } from '../../lib/protocol/endpoints.ts'
import { generationOf, makeEntry } from '../../lib/protocol/membership.ts'
import { credentialContext, generateVaultKeyPair, open, seal } from '../../lib/protocol/sealing.ts'
import type { SealedCredential } from '../../lib/protocol/stores.ts'
import type { MembershipBody, VaultWork, VaultWrap } from '../../lib/protocol/vault.ts'
import { Refusal } from '../client.ts'
import { judgeNewcomer } from './admission.ts'
import type { KeyOf } from './credentials.ts'
import { wrapFor } from './generation-keys.ts'
import type { Holding } from './take-in.ts'
import type { VaultOptions } from './vault.ts'
import type { KeptCredential } from './vault-file.ts'

type Desk = { holding: Holding; keyOf: KeyOf; work: readonly VaultWork[]; signal: AbortSignal }
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

/** Wraps every generation that this node can open, so that what was sealed for an older one can be read by all members. */
async function admit(
  options: VaultOptions,
  { holding, keyOf, signal }: Desk,
  { newcomer }: Extract<VaultWork, { kind: 'admit' }>,
): Promise<Append | null> {
  const { runtimeId, log, call } = options
  const { membership, file } = holding
  if (membership.members.has(newcomer.nodeId)) return null
  const judgement = await judgeNewcomer(newcomer, { runtimeId, strict: file.strict, keyOf })
  if (judgement.verdict !== 'admit') {
    const { verdict, reason } = judgement
    log.warn({ newcomer: newcomer.nodeName, reason }, 'did not admit a node to the vault')
    // Another member may be able to judge what this one cannot.
    if (verdict === 'refuse')
      await call(endpoints.vault, { op: 'refuse', nodeId: newcomer.nodeId, reason }, signal)
    return null
  }
  const { nodeId, signingKey, vaultKey } = newcomer
  const member = { nodeId, signingKey, vaultKey }
  const wraps: VaultWrap[] = []
  for (let generation = generationOf(membership); generation > 0; generation -= 1) {
    const privateKey = await keyOf(generation)
    if (privateKey !== null) wraps.push(await wrapFor(member, { runtimeId, generation, privateKey }))
    else if (wraps.length === 0) return null
  }
  return { change: { op: 'admit', ...member }, wraps }
}

/** A new generation that the removed nodes cannot read, with every credential sealed anew for it. */
async function rotate(
  { nodeId, runtimeId, log }: VaultOptions,
  { holding, keyOf }: Desk,
  work: Extract<VaultWork, { kind: 'rotate' }>,
): Promise<Append | null> {
  const { membership, file } = holding
  const removedNodeIds = work.removedNodeIds.filter((id) => membership.members.has(id))
  if (removedNodeIds.length === 0 || removedNodeIds.includes(nodeId) || !membership.members.has(nodeId))
    return null
  const { publicKey, privateKey } = await generateVaultKeyPair()
  const generation = generationOf(membership) + 1
  const wraps: VaultWrap[] = []
  for (const member of membership.members.values())
    if (!removedNodeIds.includes(member.nodeId))
      wraps.push(await wrapFor(member, { runtimeId, generation, privateKey }))
  const resealed: SealedCredential[] = []
  for (const kept of file.credentials) {
    const anew = await reseal(kept, { generation, publicKey }, keyOf)
    if (anew) resealed.push(anew)
    else log.warn({ linkedServiceId: kept.sealed.linkedServiceId }, 'a credential could not be sealed anew')
  }
  return { change: { op: 'rotate', removedNodeIds, generation, publicKey }, wraps, resealed }
}

/** Null where this node never could open it; the portal knows that, and asks for the secret again. */
async function reseal(
  { sealed, context }: KeptCredential,
  to: { generation: number; publicKey: string },
  keyOf: KeyOf,
): Promise<SealedCredential | null> {
  const privateKey = await keyOf(sealed.generation)
  if (privateKey === null) return null
  const bound = credentialContext(context)
  try {
    const plain = await open({ privateKey, purpose: 'credential' }, bound, sealed)
    const anew = await seal({ publicKey: to.publicKey, purpose: 'credential' }, bound, plain)
    plain.fill(0)
    return { ...sealed, ...anew, generation: to.generation }
  } catch {
    return null
  }
}

/** Another node may have written the same entry first: then the next pull shows it. */
async function submit(options: VaultOptions, { holding, signal }: Desk, append: Append): Promise<void> {
  const { runtimeId, nodeId, identity, call, log } = options
  const next = { runtimeId, change: append.change, signedBy: nodeId }
  const entry = await makeEntry(holding.membership, next, (bytes) =>
    identity.sign(bytes).toString('base64url'),
  )
  const { wraps, resealed = [] } = append
  try {
    await call(endpoints.vault, { op: 'append', entry, wraps, resealed }, signal)
    log.info({ op: append.change.op, seq: entry.body.seq }, 'wrote to the membership log')
  } catch (error) {
    if (!(error instanceof Refusal && error.code === 'conflict')) throw error
  }
}
