import { endpoints } from '../../lib/protocol/endpoints.ts'
import { generationOf, makeEntry, type Member } from '../../lib/protocol/membership.ts'
import { credentialContext, generateVaultKeyPair, open, seal } from '../../lib/protocol/sealing.ts'
import type { SealedCredential } from '../../lib/protocol/stores.ts'
import type {
  admittedBy,
  MembershipBody,
  VaultNewcomer,
  VaultWork,
  VaultWrap,
} from '../../lib/protocol/vault.ts'
import { Refusal } from '../client.ts'
import type { Identity } from '../identity.ts'
import type { Keyring } from '../keyring.ts'
import { judgeNewcomer } from './admission.ts'
import type { KeyOf } from './credentials.ts'
import { wrapFor } from './generation-keys.ts'
import type { Holding } from './take-in.ts'
import type { VaultOptions } from './vault.ts'
import type { KeptCredential } from './vault-file.ts'

export type Desk = { holding: Holding; keyOf: KeyOf; signal: AbortSignal }
type Append = {
  change: MembershipBody['change']
  wraps: VaultWrap[]
  resealed?: SealedCredential[]
  vaultKeySignature?: string
}

/** Does the first piece of work that this node can and may do; true where it did one, so that the state must be pulled again. */
export async function doVaultWork(
  options: VaultOptions,
  desk: Desk,
  pending: readonly VaultWork[],
): Promise<boolean> {
  for (const work of pending) {
    const append = await prepare(options, desk, work)
    if (!append) continue
    await submit(options, desk, append)
    return true
  }
  return false
}

async function prepare(options: VaultOptions, desk: Desk, work: VaultWork): Promise<Append | null> {
  if (work.kind === 'found') return await found(options, desk)
  if (work.kind === 'restrict') return restrict(options, desk)
  return work.kind === 'admit' ? await judge(options, desk, work) : await rotate(options, desk, work)
}

/** The first node of a runtime makes the vault. Never again: a node that remembers a log refuses. */
async function found(
  { nodeId, runtimeId, keyring }: VaultOptions,
  { holding }: Desk,
): Promise<Append | null> {
  if (holding.membership.seq > 0) return null
  const { publicKey, privateKey } = await generateVaultKeyPair()
  const { signingKey, vaultKey } = keyring.preferred
  const self = { nodeId, signingKey, vaultKey }
  const wrap = await wrapFor(self, { runtimeId, generation: 1, privateKey })
  return { change: { op: 'found', ...self, generation: 1, publicKey }, wraps: [wrap] }
}

/** Signs the policy into the log, so that nodes which join later know it too, whatever the portal tells them. */
function restrict({ nodeId }: VaultOptions, { holding: { membership } }: Desk): Append | null {
  if (membership.strict || !membership.members.has(nodeId)) return null
  return { change: { op: 'restrict' }, wraps: [] }
}

async function judge(
  options: VaultOptions,
  desk: Desk,
  { newcomer }: Extract<VaultWork, { kind: 'admit' }>,
): Promise<Append | null> {
  const { runtimeId, log, call } = options
  const { membership, file } = desk.holding
  if (membership.members.has(newcomer.nodeId)) return null
  const strict = file.strict || membership.strict
  const judgement = await judgeNewcomer(newcomer, { runtimeId, strict, keyOf: desk.keyOf })
  if (judgement.verdict === 'admit')
    return await prepareAdmission(options, desk, { newcomer, by: judgement.by })
  const { verdict, reason } = judgement
  log.warn({ newcomer: newcomer.nodeName, reason }, 'did not admit a node to the vault')
  // Another member may be able to judge what this one cannot.
  if (verdict === 'pass') return null
  const { nodeId } = newcomer
  const said = { op: 'refuse' as const, nodeId, reason, ...(verdict === 'wait' && { awaitsApproval: true }) }
  await call(endpoints.vault, said, desk.signal)
  return null
}

/** Wraps every generation that this node can open, so that what was sealed for an older one can be read by all members. */
export async function prepareAdmission(
  { runtimeId }: VaultOptions,
  { holding, keyOf }: Desk,
  { newcomer, by }: { newcomer: VaultNewcomer; by: (typeof admittedBy)[number] },
): Promise<Append | null> {
  const { nodeId, signingKey, vaultKey } = newcomer
  const member = { nodeId, signingKey, vaultKey }
  const wraps = await wrapAll(member, { runtimeId, holding, keyOf })
  return wraps && { change: { op: 'admit', ...member, by }, wraps }
}

/** Null where this node cannot open the newest generation. */
export async function wrapAll(
  member: Member,
  { runtimeId, holding, keyOf }: Pick<Desk, 'holding' | 'keyOf'> & { runtimeId: string },
): Promise<VaultWrap[] | null> {
  const wraps: VaultWrap[] = []
  for (let generation = generationOf(holding.membership); generation > 0; generation -= 1) {
    const privateKey = await keyOf(generation)
    if (privateKey !== null) wraps.push(await wrapFor(member, { runtimeId, generation, privateKey }))
    else if (wraps.length === 0) return null
  }
  return wraps
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

/** False where another node wrote an entry first: the next pull shows it. */
export async function submit(
  options: VaultOptions,
  { holding, signal }: Desk,
  append: Append,
): Promise<boolean> {
  const { runtimeId, nodeId, keyring, call, log } = options
  const signer = await signerOf(keyring, holding.membership.members.get(nodeId)?.signingKey)
  const next = { runtimeId, change: append.change, signedBy: nodeId }
  const entry = await makeEntry(holding.membership, next, (bytes) => signer.sign(bytes).toString('base64url'))
  const { wraps, resealed = [], vaultKeySignature } = append
  try {
    await call(
      endpoints.vault,
      { op: 'append', entry, wraps, resealed, ...(vaultKeySignature && { vaultKeySignature }) },
      signal,
    )
    log.info({ op: append.change.op, seq: entry.body.seq }, 'wrote to the membership log')
    return true
  } catch (error) {
    if (!(error instanceof Refusal && error.code === 'conflict')) throw error
    return false
  }
}

/** The key by which the log knows this node, which may be another than the one that signs its requests. */
async function signerOf(keyring: Keyring, named: string | undefined): Promise<Identity> {
  const find = () => keyring.known.find(({ signingKey }) => signingKey === named)
  // Another process may have rotated the keys since this one read them.
  if (named !== undefined && !find()) await keyring.reload()
  return find() ?? keyring.preferred
}
