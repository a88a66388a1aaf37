import { createHash, createPublicKey, verify } from 'node:crypto'
import { canonicalJson, type MembershipBody, type MembershipEntry } from '../../lib/protocol/vault.ts'
import type { Identity } from '../identity.ts'

export const firstPreviousHash = '0'.repeat(64)
export type Member = { nodeId: string; signingKey: string; vaultKey: string }
/** What a log says when every entry of it holds. */
export type Membership = {
  runtimeId: string
  seq: number
  head: string
  members: ReadonlyMap<string, Member>
  /** Public key of every generation; the last one seals. */
  generations: readonly { generation: number; publicKey: string }[]
}

export class BrokenLog extends Error {
  override readonly name = 'BrokenLog'
}

export function emptyMembership(runtimeId: string): Membership {
  return { runtimeId, seq: 0, head: firstPreviousHash, members: new Map(), generations: [] }
}

/** The membership after one more entry; throws `BrokenLog` where it does not follow from what this node remembers. */
export function follow(before: Membership, { body, hash, signature }: MembershipEntry): Membership {
  const must = (holds: boolean, what: string) => {
    if (!holds)
      throw new BrokenLog(`The membership log of the portal does not hold at entry ${body.seq}: ${what}`)
  }
  must(body.seq === before.seq + 1, `entry ${before.seq + 1} was expected`)
  must(body.previousHash === before.head, 'it does not follow the entry that this node remembers (a fork)')
  must(body.runtimeId === before.runtimeId, 'it belongs to another integration runtime')
  must(hash === hashOf(body), 'its hash is wrong')
  const { change } = body
  const founder = change.op === 'found' && before.seq === 0 ? memberOf(change) : undefined
  must((change.op === 'found') === (before.seq === 0), 'only the first entry founds a vault')
  const signer = founder ?? before.members.get(body.signedBy)
  must(signer !== undefined && signer.nodeId === body.signedBy, 'it is not signed by a member')
  must(signer !== undefined && isSignedBy(signer.signingKey, hash, signature), 'its signature is wrong')
  return { ...before, ...apply(before, change), seq: body.seq, head: hash }
}

function apply(
  before: Membership,
  change: MembershipBody['change'],
): Pick<Membership, 'members' | 'generations'> {
  const members = new Map(before.members)
  if (change.op === 'admit') {
    members.set(change.nodeId, memberOf(change))
    return { members, generations: before.generations }
  }
  const { generation, publicKey } = change
  if (generation !== before.generations.length + 1)
    throw new BrokenLog('The membership log of the portal skips a generation')
  if (change.op === 'found') members.set(change.nodeId, memberOf(change))
  else for (const nodeId of change.removedNodeIds) members.delete(nodeId)
  return { members, generations: [...before.generations, { generation, publicKey }] }
}

/** The next entry, signed by this node. */
export function writeEntry(
  before: Membership,
  change: MembershipBody['change'],
  signer: { nodeId: string; identity: Identity },
): MembershipEntry {
  const body: MembershipBody = {
    seq: before.seq + 1,
    previousHash: before.head,
    runtimeId: before.runtimeId,
    change,
    signedBy: signer.nodeId,
    at: new Date().toISOString(),
  }
  const hash = hashOf(body)
  return { body, hash, signature: signer.identity.sign(Buffer.from(hash, 'hex')).toString('base64url') }
}

/** Ed25519 by a raw public key, base64url. */
export function isSigned(signingKey: string, message: Uint8Array, signature: string): boolean {
  try {
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: signingKey }, format: 'jwk' })
    return verify(null, message, key, Buffer.from(signature, 'base64url'))
  } catch {
    return false
  }
}

function isSignedBy(signingKey: string, hash: string, signature: string): boolean {
  return isSigned(signingKey, Buffer.from(hash, 'hex'), signature)
}

function hashOf(body: MembershipBody): string {
  return createHash('sha256').update(canonicalJson(body)).digest('hex')
}

function memberOf({ nodeId, signingKey, vaultKey }: Member): Member {
  return { nodeId, signingKey, vaultKey }
}
