import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { keyFingerprint } from '../../lib/protocol/fingerprint.ts'
import { address, foundedVault, never, newcomerOf, password } from '../testing/founded-vault.ts'

const { world, judge, aLink, refusals } = foundedVault()
const approve = async (fingerprint: string, by = world.first) => {
  const name = await by.vault.approve(fingerprint, never)
  await Promise.all([world.first, by].map(({ vault }) => vault.sync(never)))
  return name
}

describe('a strict runtime', () => {
  beforeEach(async () => {
    const { portal, first } = world
    portal.admission = 'strict'
    portal.work = [{ kind: 'restrict' }]
    await first.vault.sync(never)
  })

  test('is signed into the log once, so that a node which joins later cannot be told otherwise', async () => {
    const { portal, first } = world
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
    const { portal, first } = world
    const store = await portal.save(address, password)
    const second = await portal.node()
    portal.newcomers = [newcomerOf(second)]
    expect(await approve(await keyFingerprint(second.identity))).toBe('newcomer')
    await second.vault.sync(never)
    expect(await second.vault.secretFor(store)).toEqual(password)
    expect(portal.log.at(-1)?.body).toMatchObject({ change: { by: 'approval' }, signedBy: first.nodeId })
  })

  test('does not admit keys that the portal shows in place of those on the machine', async () => {
    const { portal } = world
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
    const { portal } = world
    const [second, third] = [await portal.node(), await portal.node()]
    portal.newcomers = [newcomerOf(second), newcomerOf(third)]
    const fingerprint = await keyFingerprint(second.identity)
    await expect(approve(fingerprint, third)).rejects.toThrow(/not admitted to the vault itself/)
    portal.newcomers = []
    await expect(approve(fingerprint)).rejects.toThrow(/No node waits/)
  })

  test('keeps what the running agent wrote: an approval beside it changes no file', async () => {
    const { portal, first } = world
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
