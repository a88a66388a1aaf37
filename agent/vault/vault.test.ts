import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { address, foundedVault, never, password } from '../testing/founded-vault.ts'

const { world, judge, aLink, refusals } = foundedVault()

describe('the first node', () => {
  test('founds the vault and opens what is sealed for it', async () => {
    const { portal, first } = world
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
    const { portal, first } = world
    portal.work = [{ kind: 'found' }]
    await first.vault.sync(never)
    expect(portal.log).toHaveLength(1)
  })

  test('keeps everything over a restart, and nothing in clear', async () => {
    const { portal, first } = world
    const store = await portal.save(address, password)
    await first.vault.sync(never)
    const again = await portal.open(first)
    expect(again.vault.version()).toBe(first.vault.version())
    expect(await again.vault.secretFor(store)).toEqual(password)
    expect(await readFile(join(first.dataDir, 'vault', 'vault.json'), 'utf8')).not.toContain('canary')
  })

  test('tells the portal each credential once, and forgets what was deleted', async () => {
    const { portal, first } = world
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
    const { portal } = world
    const store = await portal.save(address, password)
    const second = await portal.node()
    await second.vault.sync(never)
    await expect(second.vault.secretFor(store)).rejects.toThrow(/not admitted/)
    await judge(second)
    expect(await second.vault.secretFor(store)).toEqual(password)
  })

  test('with a link is admitted by its proof', async () => {
    const { portal } = world
    const second = await portal.node()
    await judge(second, { link: await aLink({ signing: second }) })
    expect(second.vault.generation()).toBe(1)
  })

  test('whose proof is of other keys is refused, and the portal hears why', async () => {
    const { portal, first } = world
    const [second, other] = [await portal.node(), await portal.node()]
    await judge(second, { link: await aLink({ signing: other }) })
    expect(second.vault.generation()).toBe(0)
    expect(refusals()).toMatchObject([{ nodeId: first.nodeId, reason: expect.stringContaining('proof') }])
  })

  test('whose link secret was swapped, or whose keys do not belong together, is refused', async () => {
    const { portal } = world
    const [second, other] = [await portal.node(), await portal.node()]
    const link = await aLink({ signing: second })
    await judge(second, { link: { ...link, linkId: randomUUID() } })
    await judge(second, { vaultKey: other.identity.vaultKey })
    expect(second.vault.generation()).toBe(0)
    expect(refusals()).toHaveLength(2)
    expect(portal.log).toHaveLength(1)
  })

  test('of a strict runtime needs a proof, and a portal that was strict once stays so', async () => {
    const { portal } = world
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

describe('a removed node', () => {
  test('cannot read the next generation, and those that stay can', async () => {
    const { portal, first } = world
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
    const { portal, first } = world
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

test('a store without a secret needs no vault', async () => {
  const { portal, first } = world
  const store = await portal.save(address, password)
  expect(await first.vault.secretFor({ ...store, credentialVersion: 0 })).toBeNull()
})
