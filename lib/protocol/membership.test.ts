import { generateKeyPairSync, sign } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  followEntry,
  followLog,
  generationOf,
  makeEntry,
  type Member,
  type Membership,
  noMembership,
  replayLog,
} from './membership.ts'
import { canonicalJson } from './canonical-json.ts'
import type { MembershipBody, MembershipEntry } from './vault.ts'

const runtimeId = '0b0e6c0e-6f3f-4c8e-9a52-3a1c5f1d2e01'
type Signer = Member & { sign: (bytes: Uint8Array) => string }

function aNode(number: number): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  return {
    nodeId: `0b0e6c0e-6f3f-4c8e-9a52-3a1c5f1d3e0${number}`,
    signingKey: publicKey.export({ format: 'jwk' }).x ?? '',
    vaultKey: `vault${number}`,
    sign: (bytes) => sign(null, bytes, privateKey).toString('base64url'),
  }
}
const [a, b, c] = [aNode(1), aNode(2), aNode(3)]
const memberOf = ({ nodeId, signingKey, vaultKey }: Member): Member => ({ nodeId, signingKey, vaultKey })
const found = { op: 'found' as const, ...memberOf(a), generation: 1 as const, publicKey: 'key1' }
const admit = (node: Member, by?: 'portal' | 'link' | 'approval') => ({
  op: 'admit' as const,
  ...memberOf(node),
  ...(by && { by }),
})
const restrict = { op: 'restrict' as const }
const rotate = (removedNodeIds: string[], generation = 2) => ({
  op: 'rotate' as const,
  removedNodeIds,
  generation,
  publicKey: `key${generation}`,
})
const write = (before: Membership, by: Signer, change: MembershipBody['change']) =>
  makeEntry(before, { runtimeId, change, signedBy: by.nodeId }, by.sign)
const follow = (before: Membership, entry: MembershipEntry) => followEntry(before, entry, runtimeId)

let founded: Membership
let both: Membership
let log: MembershipEntry[]

beforeEach(async () => {
  log = [await write(noMembership, a, found)]
  founded = await followLog(noMembership, log, runtimeId)
  log.push(await write(founded, a, admit(b)))
  both = await followLog(noMembership, log, runtimeId)
})

describe('the membership log', () => {
  test('says who may read, under which key, one entry after the other', async () => {
    expect([...both.members.keys()]).toEqual([a.nodeId, b.nodeId])
    expect(generationOf(both)).toBe(1)
    const after = await follow(both, await write(both, b, rotate([a.nodeId])))
    expect([...after.members.keys()]).toEqual([b.nodeId])
    expect(after.publicKeys).toEqual(['key1', 'key2'])
    expect(after.seq).toBe(3)
  })

  test('is hashed by SHA-256 over the canonical JSON of the body', async () => {
    const { createHash } = await import('node:crypto')
    const [entry] = log
    const hash = createHash('sha256').update(canonicalJson(entry?.body)).digest('hex')
    expect(entry?.hash).toBe(hash)
  })

  test.each<[string, () => Promise<MembershipEntry>, RegExp]>([
    ['founds twice', () => write(both, a, found), /founded before/],
    ['is founded for another node', () => write(noMembership, b, found), /founded by the node that signs/],
    ['is signed by a stranger', () => write(both, c, admit(c)), /not a member/],
    ['admits a member again', () => write(both, a, admit(b)), /member already/],
    ['removes a stranger', () => write(both, a, rotate([c.nodeId])), /not a member/],
    ['removes its signer', () => write(both, a, rotate([a.nodeId])), /cannot remove itself/],
    ['skips a generation', () => write(both, a, rotate([b.nodeId], 3)), /generation does not follow/],
    [
      'uses the name of a member with another key',
      () => write(both, { ...c, nodeId: a.nodeId }, admit(c)),
      /signature/,
    ],
  ])('does not hold where an entry %s', async (_, make, message) => {
    const entry = await make()
    const before = entry.body.seq === 1 ? noMembership : both
    await expect(follow(before, entry)).rejects.toThrow(message)
  })

  test('does not let a removed node return', async () => {
    const without = await follow(both, await write(both, a, rotate([b.nodeId])))
    await expect(follow(without, await write(without, a, admit(b)))).rejects.toThrow(/cannot return/)
    await expect(follow(without, await write(without, b, admit(c)))).rejects.toThrow(/not a member/)
  })

  test('does not hold where an entry is changed, left out, repeated or of another runtime', async () => {
    const next = await write(both, a, admit(c))
    const evil = { ...next, body: { ...next.body, change: admit({ ...c, vaultKey: 'evil' }) } }
    await expect(follow(both, evil)).rejects.toThrow(/hash/)
    const rehashed = await makeEntry(both, { ...evil.body }, () => next.signature)
    await expect(follow(both, rehashed)).rejects.toThrow(/signature/)
    await expect(follow(founded, next)).rejects.toThrow(/does not follow/)
    await expect(followLog(both, log, runtimeId)).rejects.toThrow(/does not follow/)
    await expect(followEntry(both, next, a.nodeId)).rejects.toThrow(/another runtime/)
  })

  test('once strict, takes no node on the word of the portal, and stays so', async () => {
    const strict = await follow(both, await write(both, b, restrict))
    expect(strict.strict).toBe(true)
    for (const change of [admit(c), admit(c, 'portal')])
      await expect(follow(strict, await write(strict, a, change))).rejects.toThrow(/word of the portal/)
    await expect(follow(strict, await write(strict, a, restrict))).rejects.toThrow(/strict already/)
    for (const by of ['link', 'approval'] as const) {
      const after = await follow(strict, await write(strict, a, admit(c, by)))
      expect(after).toMatchObject({ strict: true })
      expect(after.members.has(c.nodeId)).toBe(true)
    }
  })

  test('takes new keys of a member from that member alone, and then only those', async () => {
    const renewed = { ...aNode(2), vaultKey: 'vault2-new' }
    const rekey = { op: 'rekey' as const, ...memberOf(renewed) }
    await expect(follow(both, await write(both, a, rekey))).rejects.toThrow(/own keys only/)
    await expect(follow(both, await write(both, renewed, rekey))).rejects.toThrow(/signature/)
    const after = await follow(both, await write(both, b, rekey))
    expect(after.members.get(b.nodeId)).toEqual(memberOf(renewed))
    await expect(follow(after, await write(after, b, admit(c)))).rejects.toThrow(/signature/)
    expect((await follow(after, await write(after, renewed, admit(c)))).members.size).toBe(3)
  })

  test('shows a fork: two successors of one entry do not both hold', async () => {
    const [one, two] = [await write(both, a, admit(c)), await write(both, b, rotate([a.nodeId]))]
    const after = await follow(both, one)
    await expect(follow(after, two)).rejects.toThrow(/does not follow/)
  })
})

/** As the portal stores it; replaying looks at neither chain nor signature. */
const stored = (seq: number, change: MembershipBody['change']): MembershipEntry => ({
  body: {
    seq,
    previousHash: '0'.repeat(64),
    runtimeId,
    change,
    signedBy: a.nodeId,
    at: '2026-01-01T00:00:00Z',
  },
  hash: String(seq),
  signature: '',
})

test('replayLog() reads the log of tens of thousands of nodes as it reads that of two', () => {
  const newcomers = Array.from({ length: 40_000 }, () => ({ ...memberOf(b), nodeId: crypto.randomUUID() }))
  const entries = newcomers.map((newcomer, index) => stored(index + 2, admit(newcomer)))
  const membership = replayLog([stored(1, found), ...entries])
  expect(membership.members.size).toBe(40_001)
  expect(membership).toMatchObject({ seq: 40_001, headHash: '40001' })
  expect(noMembership.members.size).toBe(0)
})
