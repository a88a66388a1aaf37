import { describe, expect, test } from 'vitest'
import { readIdentities } from '../identity.ts'
import { address, foundedVault, never, password } from '../testing/founded-vault.ts'
import type { VaultNode } from '../testing/vault-portal.ts'

const { world, judge } = foundedVault()
const rekey = (node: VaultNode) => node.vault.rekey(never)

describe('keys that rotate', () => {
  test('are named in the log, open what was sealed before, and are then the only ones on the disk', async () => {
    const { portal, first } = world
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
    const { portal, first } = world
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
    const { portal, first } = world
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
    const { portal } = world
    await expect(rekey(await portal.node())).rejects.toThrow(/not admitted/)
  })
})
