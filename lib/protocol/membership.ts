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
  const after = draftOf(before)
  applyChange(after, body)
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

/**
 * Replays entries that were checked when they were stored: the rules again, without the cost of every signature, and in one
 * draft, so that a log of a thousand nodes costs a millisecond.
 */
export function replayLog(entries: readonly MembershipEntry[]): Membership {
  const draft = draftOf(noMembership)
  for (const { body, hash } of entries) {
    applyChange(draft, body)
    Object.assign(draft, { seq: body.seq, headHash: hash })
  }
  return draft
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

type Draft = {
  -readonly [Key in keyof Membership]: Membership[Key]
} & { publicKeys: string[]; members: Map<string, Member>; left: Set<string> }

function draftOf(before: Membership): Draft {
  const { publicKeys, members, left } = before
  return { ...before, publicKeys: [...publicKeys], members: new Map(members), left: new Set(left) }
}

/** What throws leaves the draft unfinished: nobody may use it then. */
function applyChange(draft: Draft, { change, signedBy }: MembershipBody): void {
  if (change.op === 'found') return found(draft, change, signedBy)
  if (!draft.members.has(signedBy)) throw new MembershipError('the signer is not a member')
  if (change.op === 'restrict') restrict(draft)
  else if (change.op === 'rekey') rekey(draft, change, signedBy)
  else if (change.op === 'admit') admit(draft, change)
  else rotate(draft, change, signedBy)
}

type Change<Op> = Extract<MembershipBody['change'], { op: Op }>

function found(
  draft: Draft,
  { nodeId, signingKey, vaultKey, publicKey }: Change<'found'>,
  signedBy: string,
): void {
  if (draft.seq !== 0) throw new MembershipError('the vault has been founded before')
  if (nodeId !== signedBy) throw new MembershipError('a vault is founded by the node that signs')
  draft.publicKeys.push(publicKey)
  draft.members.set(nodeId, { nodeId, signingKey, vaultKey })
}

function rekey(draft: Draft, { nodeId, signingKey, vaultKey }: Change<'rekey'>, signedBy: string): void {
  if (nodeId !== signedBy) throw new MembershipError('a node changes its own keys only')
  draft.members.set(nodeId, { nodeId, signingKey, vaultKey })
}

function restrict(draft: Draft): void {
  if (draft.strict) throw new MembershipError('the log is strict already')
  draft.strict = true
}

function admit(draft: Draft, { nodeId, signingKey, vaultKey, by = 'portal' }: Change<'admit'>): void {
  if (draft.strict && by === 'portal')
    throw new MembershipError('the log is strict, and the node was admitted on the word of the portal')
  if (draft.members.has(nodeId)) throw new MembershipError('the node is a member already')
  if (draft.left.has(nodeId)) throw new MembershipError('the node was removed and cannot return')
  draft.members.set(nodeId, { nodeId, signingKey, vaultKey })
}

function rotate(
  draft: Draft,
  { removedNodeIds, generation, publicKey }: Change<'rotate'>,
  signedBy: string,
): void {
  if (generation !== generationOf(draft) + 1) throw new MembershipError('the generation does not follow')
  if (removedNodeIds.includes(signedBy)) throw new MembershipError('a node cannot remove itself')
  for (const nodeId of removedNodeIds) {
    if (!draft.members.delete(nodeId)) throw new MembershipError('a removed node is not a member')
    draft.left.add(nodeId)
  }
  draft.publicKeys.push(publicKey)
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
