import { fromBase64Url } from './sealing.ts'
import { canonicalJson } from './canonical-json.ts'
import type { MembershipBody, MembershipEntry } from './vault.ts'

/**
 * Who may read a runtime's credentials, as the signed log tells it. Portal, nodes and tests replay it by these rules alone;
 * the portal stores the log but cannot add to it, because every entry is signed by a member.
 */
export type Member = { nodeId: string; signingKey: string; vaultKey: string }
export type Membership = {
  seq: number
  headHash: string
  /** Public keys by generation, from 1 on; the last one seals. Empty: no vault yet. */
  publicKeys: readonly string[]
  members: ReadonlyMap<string, Member>
  /** The portal's word alone admits nobody. */
  strict: boolean
  /** Nodes that left never come back under the same id. */
  left: ReadonlySet<string>
}
export const noMembership: Membership = {
  seq: 0,
  headHash: '0'.repeat(64),
  publicKeys: [],
  members: new Map(),
  strict: false,
  left: new Set(),
}

/** The newest generation; 0 where there is no vault yet. */
export function generationOf({ publicKeys }: Membership): number {
  return publicKeys.length
}

/** An entry that does not follow from the log before it. */
export class MembershipError extends Error {
  override readonly name = 'MembershipError'
}

/** The membership after `entry`; throws where position, rule, hash or signature is wrong. */
export async function followEntry(
  before: Membership,
  entry: MembershipEntry,
  runtimeId: string,
): Promise<Membership> {
  const { body, hash, signature } = entry
  if (body.runtimeId !== runtimeId) throw new MembershipError('the entry belongs to another runtime')
  if (body.seq !== before.seq + 1 || body.previousHash !== before.headHash)
    throw new MembershipError(`entry ${body.seq} does not follow entry ${before.seq} of the known log`)
  const after = applyChange(before, body)
  if ((await hashOf(body)) !== hash) throw new MembershipError(`the hash of entry ${body.seq} is wrong`)
  if (!(await isSignedBy(signerKey(before, body), hashBytes(hash), signature)))
    throw new MembershipError(`the signature of entry ${body.seq} is wrong`)
  return { ...after, seq: body.seq, headHash: hash }
}

/** Replays entries one after another. */
export async function followLog(
  before: Membership,
  entries: readonly MembershipEntry[],
  runtimeId: string,
): Promise<Membership> {
  let membership = before
  for (const entry of entries) membership = await followEntry(membership, entry, runtimeId)
  return membership
}

/** Replays entries that were checked when they were stored: the rules again, without the cost of every signature. */
export function replayLog(entries: readonly MembershipEntry[]): Membership {
  return entries.reduce(
    (before, { body, hash }) => ({ ...applyChange(before, body), seq: body.seq, headHash: hash }),
    noMembership,
  )
}

/** Makes the next entry; `sign` is Ed25519 by the node `signedBy`, base64url. */
export async function makeEntry(
  before: Membership,
  next: Pick<MembershipBody, 'runtimeId' | 'change' | 'signedBy'>,
  sign: (bytes: Uint8Array<ArrayBuffer>) => string,
): Promise<MembershipEntry> {
  const { runtimeId, change, signedBy } = next
  const at = new Date().toISOString()
  const body = { seq: before.seq + 1, previousHash: before.headHash, runtimeId, change, signedBy, at }
  const hash = await hashOf(body)
  return { body, hash, signature: sign(hashBytes(hash)) }
}

function applyChange(before: Membership, { change, signedBy }: MembershipBody): Membership {
  if (change.op === 'found') {
    if (before.seq !== 0) throw new MembershipError('the vault has been founded before')
    if (change.nodeId !== signedBy) throw new MembershipError('a vault is founded by the node that signs')
    const { nodeId, signingKey, vaultKey, publicKey } = change
    const members = new Map([[nodeId, { nodeId, signingKey, vaultKey }]])
    return { ...before, publicKeys: [publicKey], members }
  }
  if (!before.members.has(signedBy)) throw new MembershipError('the signer is not a member')
  if (change.op === 'restrict') return restrict(before)
  if (change.op === 'rekey') return rekey(before, change, signedBy)
  return change.op === 'admit' ? admit(before, change) : rotate(before, change, signedBy)
}

function rekey(
  before: Membership,
  { nodeId, signingKey, vaultKey }: Extract<MembershipBody['change'], { op: 'rekey' }>,
  signedBy: string,
): Membership {
  if (nodeId !== signedBy) throw new MembershipError('a node changes its own keys only')
  return { ...before, members: new Map([...before.members, [nodeId, { nodeId, signingKey, vaultKey }]]) }
}

function restrict(before: Membership): Membership {
  if (before.strict) throw new MembershipError('the log is strict already')
  return { ...before, strict: true }
}

function admit(
  before: Membership,
  { nodeId, signingKey, vaultKey, by = 'portal' }: Extract<MembershipBody['change'], { op: 'admit' }>,
): Membership {
  if (before.strict && by === 'portal')
    throw new MembershipError('the log is strict, and the node was admitted on the word of the portal')
  if (before.members.has(nodeId)) throw new MembershipError('the node is a member already')
  if (before.left.has(nodeId)) throw new MembershipError('the node was removed and cannot return')
  return { ...before, members: new Map([...before.members, [nodeId, { nodeId, signingKey, vaultKey }]]) }
}

function rotate(
  before: Membership,
  { removedNodeIds, generation, publicKey }: Extract<MembershipBody['change'], { op: 'rotate' }>,
  signedBy: string,
): Membership {
  if (generation !== generationOf(before) + 1) throw new MembershipError('the generation does not follow')
  if (removedNodeIds.includes(signedBy)) throw new MembershipError('a node cannot remove itself')
  const members = new Map(before.members)
  for (const nodeId of removedNodeIds)
    if (!members.delete(nodeId)) throw new MembershipError('a removed node is not a member')
  const publicKeys = [...before.publicKeys, publicKey]
  return { ...before, publicKeys, members, left: new Set([...before.left, ...removedNodeIds]) }
}

function signerKey(before: Membership, { change, signedBy }: MembershipBody): string {
  return change.op === 'found' ? change.signingKey : (before.members.get(signedBy)?.signingKey ?? '')
}

async function hashOf(body: MembershipBody): Promise<string> {
  const bytes = new TextEncoder().encode(canonicalJson(body))
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function hashBytes(hash: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hash.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

/** Whether the raw Ed25519 key made this signature, base64url, over these bytes. */
export async function isSignedBy(
  signingKey: string,
  bytes: Uint8Array<ArrayBuffer>,
  signature: string,
): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey('raw', fromBase64Url(signingKey), 'Ed25519', false, ['verify'])
    return await crypto.subtle.verify('Ed25519', key, fromBase64Url(signature), bytes)
  } catch {
    return false
  }
}
