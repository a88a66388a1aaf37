import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { newcomerProofText } from '../../lib/protocol/enrolment.ts'
import { keyFingerprint } from '../../lib/protocol/fingerprint.ts'
import { linkSecretContext, seal } from '../../lib/protocol/sealing.ts'
import type { VaultNewcomer } from '../../lib/protocol/vault.ts'
import { readIdentities } from '../identity.ts'
import { type VaultNode, VaultPortal } from '../testing/vault-portal.ts'

const address = {
  type: 'PostgreSql' as const,
  host: 'db.example.com',
  port: 5432,
  database: 'sales',
  username: 'reader',
  sslMode: 'require' as const,
}
const password = { kind: 'password' as const, password: 'canary-secret-1' }
const never = new AbortController().signal
let portal: VaultPortal
let first: VaultNode

beforeEach(async () => {
  portal = new VaultPortal()
  first = await portal.node()
  portal.work = [{ kind: 'found' }]
  await first.vault.sync(never)
})
afterEach(() => portal.removeFolders())

const newcomerOf = ({ nodeId, identity }: VaultNode): VaultNewcomer => ({
  nodeId,
  nodeName: 'newcomer',
  signingKey: identity.signingKey,
  vaultKey: identity.vaultKey,
  vaultKeySignature: identity.vaultKeySignature,
})
/** Lets a member judge a newcomer, and both take in what came of it. */
async function judge(newcomer: VaultNode, shown: Partial<VaultNewcomer> = {}, by = first) {
  portal.work = [{ kind: 'admit', newcomer: { ...newcomerOf(newcomer), ...shown } }]
  await by.vault.sync(never)
  await newcomer.vault.sync(never)
}
async function aLink({ signing, half = randomBytes(32) }: { signing: VaultNode; half?: Buffer }) {
  const linkId = randomUUID()
  const { signingKey, vaultKey } = signing.identity
  const text = newcomerProofText(linkId, signingKey, vaultKey)
  const to = { publicKey: portal.publicKey, purpose: 'link-secret' as const }
  const context = linkSecretContext({ runtimeId: portal.runtimeId, linkId })
  return {
    linkId,
    proof: createHmac('sha256', half).update(text).digest('base64url'),
    sealedSecret: { generation: portal.generation, ...(await seal(to, context, half)) },
  }
}
const approve = async (fingerprint: string, by = first) => {
  const name = await by.vault.approve(fingerprint, never)
  await Promise.all([first, by].map(({ vault }) => vault.sync(never)))
  return name
}
const rekey = (node: VaultNode) => node.vault.rekey(never)
const fault = () => portal.said.findLast(({ op }) => op === 'fault')
const refusals = () => portal.said.filter(({ op }) => op === 'refuse')

describe('the first node', () => {
  test('founds the vault and opens what is sealed for it', async () => {
    expect(first.vault.generation()).toBe(1)
    const store = await portal.save(address, password)
    await first.vault.sync(never)
    expect(await first.vault.secretFor(store)).toEqual(password)
    expect(first.hidden).toContain('canary-secret-1')
    expect(portal.said).toContainEqual(
      expect.objectContaining({
        op: 'ready',
        opened: [{ linkedServiceId: store.linkedServiceId, version: 1 }],
      }),
    )
  })

  test('never founds twice, whatever the portal asks', async () => {
    portal.work = [{ kind: 'found' }]
    await first.vault.sync(never)
    expect(portal.log).toHaveLength(1)
  })

  test('keeps everything over a restart, and nothing in clear', async () => {
    const store = await portal.save(address, password)
    await first.vault.sync(never)
    const again = await portal.open(first)
    expect(again.vault.version()).toBe(first.vault.version())
    expect(await again.vault.secretFor(store)).toEqual(password)
    expect(await readFile(join(first.dataDir, 'vault', 'vault.json'), 'utf8')).not.toContain('canary')
  })

  test('tells the portal each credential once, and forgets what was deleted', async () => {
    const store = await portal.save(address, password)
    await first.vault.sync(never)
    await first.vault.sync(never)
    expect(portal.said.filter(({ op }) => op === 'ready')).toHaveLength(2)
    portal.credentials = []
    await first.vault.sync(never)
    await expect(first.vault.secretFor(store)).rejects.toThrow(/has not given it/)
  })
})

describe('a newcomer', () => {
  test('is admitted by the first node on the portal’s word, and opens what was sealed before it came', async () => {
    const store = await portal.save(address, password)
    const second = await portal.node()
    await second.vault.sync(never)
    await expect(second.vault.secretFor(store)).rejects.toThrow(/not admitted/)
    await judge(second)
    expect(await second.vault.secretFor(store)).toEqual(password)
  })

  test('with a link is admitted by its proof', async () => {
    const second = await portal.node()
    await judge(second, { link: await aLink({ signing: second }) })
    expect(second.vault.generation()).toBe(1)
  })

  test('whose proof is of other keys is refused, and the portal hears why', async () => {
    const [second, other] = [await portal.node(), await portal.node()]
    await judge(second, { link: await aLink({ signing: other }) })
    expect(second.vault.generation()).toBe(0)
    expect(refusals()).toMatchObject([{ nodeId: first.nodeId, reason: expect.stringContaining('proof') }])
  })

  test('whose link secret was swapped, or whose keys do not belong together, is refused', async () => {
    const [second, other] = [await portal.node(), await portal.node()]
    const link = await aLink({ signing: second })
    await judge(second, { link: { ...link, linkId: randomUUID() } })
    await judge(second, { vaultKey: other.identity.vaultKey })
    expect(second.vault.generation()).toBe(0)
    expect(refusals()).toHaveLength(2)
    expect(portal.log).toHaveLength(1)
  })

  test('of a strict runtime needs a proof, and a portal that was strict once stays so', async () => {
    const [second, third] = [await portal.node(), await portal.node()]
    portal.admission = 'strict'
    await judge(second)
    portal.admission = 'standard'
    await judge(second)
    expect(refusals()).toMatchObject([{ awaitsApproval: true }, { awaitsApproval: true }])
    await judge(third, { link: await aLink({ signing: third }) })
    expect(third.vault.generation()).toBe(1)
  })
})

describe('a strict runtime', () => {
  beforeEach(async () => {
    portal.admission = 'strict'
    portal.work = [{ kind: 'restrict' }]
    await first.vault.sync(never)
  })

  test('is signed into the log once, so that a node which joins later cannot be told otherwise', async () => {
    portal.work = [{ kind: 'restrict' }]
    await first.vault.sync(never)
    expect(portal.log.map(({ body }) => body.change.op)).toEqual(['found', 'restrict'])
    portal.admission = 'standard'
    const [second, spy] = [await portal.node(), await portal.node()]
    await judge(second, { link: await aLink({ signing: second }) })
    await judge(spy, {}, second)
    expect(spy.vault.generation()).toBe(0)
    expect(refusals()).toMatchObject([{ nodeId: second.nodeId, awaitsApproval: true }])
  })

  test('admits by the fingerprint that somebody read on the new machine', async () => {
    const store = await portal.save(address, password)
    const second = await portal.node()
    portal.newcomers = [newcomerOf(second)]
    expect(await approve(await keyFingerprint(second.identity))).toBe('newcomer')
    await second.vault.sync(never)
    expect(await second.vault.secretFor(store)).toEqual(password)
    expect(portal.log.at(-1)?.body).toMatchObject({ change: { by: 'approval' }, signedBy: first.nodeId })
  })

  test('does not admit keys that the portal shows in place of those on the machine', async () => {
    const [second, spy] = [await portal.node(), await portal.node()]
    portal.newcomers = [{ ...newcomerOf(spy), nodeId: second.nodeId }]
    await expect(approve(await keyFingerprint(second.identity))).rejects.toThrow(
      /No node with this fingerprint/,
    )
    const { vaultKey } = spy.identity
    const { signingKey } = second.identity
    portal.newcomers = [{ ...newcomerOf(second), vaultKey }]
    await expect(approve(await keyFingerprint({ signingKey, vaultKey }))).rejects.toThrow(
      /do not belong together/,
    )
    expect(portal.log).toHaveLength(2)
  })

  test('takes an approval from no node that is not admitted itself, and says where nobody waits', async () => {
    const [second, third] = [await portal.node(), await portal.node()]
    portal.newcomers = [newcomerOf(second), newcomerOf(third)]
    const fingerprint = await keyFingerprint(second.identity)
    await expect(approve(fingerprint, third)).rejects.toThrow(/not admitted to the vault itself/)
    portal.newcomers = []
    await expect(approve(fingerprint)).rejects.toThrow(/No node waits/)
  })

  test('keeps what the running agent wrote: an approval beside it changes no file', async () => {
    const beside = await portal.open(first)
    const second = await portal.node()
    portal.newcomers = [newcomerOf(second)]
    const file = join(first.dataDir, 'vault', 'vault.json')
    const before = await readFile(file, 'utf8')
    await beside.vault.approve(await keyFingerprint(second.identity), never)
    expect(await readFile(file, 'utf8')).toBe(before)
    await first.vault.sync(never)
    expect(await readFile(file, 'utf8')).not.toBe(before)
  })
})

describe('keys that rotate', () => {
  test('are named in the log, open what was sealed before, and are then the only ones on the disk', async () => {
    const store = await portal.save(address, password)
    await first.vault.sync(never)
    await rekey(first)
    expect(portal.log.at(-1)?.body).toMatchObject({ change: { op: 'rekey', nodeId: first.nodeId } })
    const kept = await readIdentities(first.dataDir)
    expect(kept?.next).toBeNull()
    expect(kept?.current.signingKey).not.toBe(first.identity.signingKey)
    const again = await portal.open(first)
    expect(await again.vault.secretFor(store)).toEqual(password)
    const second = await portal.node()
    await judge(second, {}, again)
    expect(await second.vault.secretFor(store)).toEqual(password)
  })

  test.each([
    ['before the offer', 'append'],
    ['after the offer', 'appended'],
    ['after the first use', 'used'],
  ] as const)('survive an answer that was lost, or a process that was killed, %s', async (_, moment) => {
    const store = await portal.save(address, password)
    await first.vault.sync(never)
    portal.lose = moment
    await expect(rekey(first)).rejects.toThrow('lost')
    expect((await readIdentities(first.dataDir))?.next).not.toBeNull()
    portal.lose = undefined
    const again = await portal.open(first)
    await again.vault.sync(never)
    expect(await again.vault.secretFor(store)).toEqual(password)
    await rekey(again)
    expect(portal.log.filter(({ body }) => body.change.op === 'rekey')).toHaveLength(1)
    expect((await readIdentities(first.dataDir))?.next).toBeNull()
    expect(await again.vault.secretFor(store)).toEqual(password)
  })

  test('of a process beside the running agent reach it through the folder', async () => {
    const store = await portal.save(address, password)
    await first.vault.sync(never)
    await rekey(await portal.open(first))
    await first.vault.sync(never)
    expect(await first.vault.secretFor(store)).toEqual(password)
    portal.work = [{ kind: 'restrict' }]
    await first.vault.sync(never)
    expect(portal.log.at(-1)?.body.change.op).toBe('restrict')
  })

  test('wait until the node is admitted', async () => {
    await expect(rekey(await portal.node())).rejects.toThrow(/not admitted/)
  })
})

describe('a removed node', () => {
  test('cannot read the next generation, and those that stay can', async () => {
    const store = await portal.save(address, password)
    const second = await portal.node()
    await judge(second)
    portal.work = [{ kind: 'rotate', removedNodeIds: [second.nodeId] }]
    await first.vault.sync(never)
    expect(portal.generation).toBe(2)
    expect(portal.credentials[0]?.sealed.generation).toBe(2)
    expect(await first.vault.secretFor(store)).toEqual(password)
    await second.vault.sync(never).catch(() => {})
    await expect(second.vault.secretFor(store)).rejects.toThrow(/not admitted to generation 2/)
    // Not even where the portal hands it the wrap of another node.
    portal.wraps = portal.wraps.map((wrap) => ({ ...wrap, nodeId: second.nodeId }))
    await second.vault.sync(never).catch(() => {})
    await expect(second.vault.secretFor(store)).rejects.toThrow()
  })

  test('does not stop the others from reading what a new node is given', async () => {
    const [second, third] = [await portal.node(), await portal.node()]
    await judge(second)
    const link = await aLink({ signing: third })
    portal.work = [{ kind: 'rotate', removedNodeIds: [second.nodeId] }]
    await first.vault.sync(never)
    // The link was sealed for the first generation.
    await judge(third, { link })
    expect(third.vault.generation()).toBe(2)
    const store = await portal.save(address, password)
    await third.vault.sync(never)
    expect(await third.vault.secretFor(store)).toEqual(password)
  })
})

describe('a hostile portal', () => {
  test('cannot cut the log back', async () => {
    await judge(await portal.node())
    portal.log.pop()
    await expect(first.vault.sync(never)).rejects.toThrow(/shorter/)
    expect(fault()).toMatchObject({ reason: expect.stringContaining('shorter') })
  })

  test('cannot fork the log, not even through a restart of the node', async () => {
    const kept = [...portal.log]
    await judge(await portal.node())
    const other = new VaultPortal()
    const stranger = await other.node()
    other.work = [{ kind: 'found' }]
    await stranger.vault.sync(never)
    portal.log = [...kept, ...other.log]
    const again = await portal.open(first)
    await expect(again.vault.sync(never)).rejects.toThrow(/fork|shorter/)
    await other.removeFolders()
  })

  test('cannot add a reader of its own', async () => {
    const [entry] = portal.log
    const spy = await portal.node()
    if (!entry) throw new Error('The vault was founded')
    const change = {
      op: 'admit' as const,
      nodeId: spy.nodeId,
      signingKey: spy.identity.signingKey,
      vaultKey: spy.identity.vaultKey,
    }
    portal.log.push({ ...entry, body: { ...entry.body, seq: 2, previousHash: entry.hash, change } })
    await expect(first.vault.sync(never)).rejects.toThrow(/hash|signature/)
  })

  test('cannot move a credential to another address', async () => {
    const store = await portal.save(address, password)
    const evil = { ...address, host: 'evil.example.com' }
    await first.vault.sync(never)
    await expect(first.vault.secretFor({ ...store, address: evil })).rejects.toThrow(/another address/)
    portal.credentials = portal.credentials.map(({ sealed, context }) => ({
      sealed: { ...sealed, version: 2 },
      context: { ...context, version: 2, address: evil },
    }))
    await first.vault.sync(never)
    await expect(first.vault.secretFor({ ...store, address: evil, credentialVersion: 2 })).rejects.toThrow(
      /sealed for another address/,
    )
    expect(portal.said.at(-1)).toMatchObject({ op: 'ready', failed: [{ version: 2 }] })
  })

  test('cannot bring an old password back', async () => {
    const old = await portal.save(address, password)
    await first.vault.sync(never)
    const kept = portal.credentials
    const store = await portal.save(address, { kind: 'password', password: 'canary-secret-2' }, 2)
    await first.vault.sync(never)
    portal.credentials = kept
    portal.version += 1
    await first.vault.sync(never)
    // A task that was queued for the old version gets the new password, because the address is the same.
    for (const ref of [old, store])
      expect(await first.vault.secretFor(ref)).toMatchObject({ password: 'canary-secret-2' })
  })

  test('cannot slip in a generation key that the log does not name', async () => {
    const second = await portal.node()
    await judge(second)
    const other = new VaultPortal()
    const stranger = await other.node()
    const store = await portal.save(address, password)
    const { wrapFor } = await import('./generation-keys.ts')
    const key = { runtimeId: portal.runtimeId, generation: 1, privateKey: stranger.identity.vaultPrivateKey }
    const wrap = await wrapFor(newcomerOf(second), key)
    portal.wraps = portal.wraps.map((kept) => (kept.nodeId === second.nodeId ? wrap : kept))
    await second.vault.sync(never)
    await expect(second.vault.secretFor(store)).rejects.toThrow(/not the one that the membership log names/)
    await other.removeFolders()
  })
})

test('a store without a secret needs no vault', async () => {
  const store = await portal.save(address, password)
  expect(await first.vault.secretFor({ ...store, credentialVersion: 0 })).toBeNull()
})
