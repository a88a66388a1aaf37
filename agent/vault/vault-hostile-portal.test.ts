import { describe, expect, test } from 'vitest'
import { address, foundedVault, never, newcomerOf, password } from '../testing/founded-vault.ts'
import { VaultPortal } from '../testing/vault-portal.ts'
import { wrapFor } from './generation-keys.ts'

const { world, judge } = foundedVault()
const fault = () => world.portal.said.findLast(({ op }) => op === 'fault')

describe('a hostile portal', () => {
  test('cannot cut the log back', async () => {
    const { portal, first } = world
    await judge(await portal.node())
    portal.log.pop()
    await expect(first.vault.sync(never)).rejects.toThrow(/shorter/)
    expect(fault()).toMatchObject({ reason: expect.stringContaining('shorter') })
  })

  test('cannot fork the log, not even through a restart of the node', async () => {
    const { portal, first } = world
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
    const { portal, first } = world
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
    const { portal, first } = world
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
    const { portal, first } = world
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
    const { portal } = world
    const second = await portal.node()
    await judge(second)
    const other = new VaultPortal()
    const stranger = await other.node()
    const store = await portal.save(address, password)
    const key = { runtimeId: portal.runtimeId, generation: 1, privateKey: stranger.identity.vaultPrivateKey }
    const wrap = await wrapFor(newcomerOf(second), key)
    portal.wraps = portal.wraps.map((kept) => (kept.nodeId === second.nodeId ? wrap : kept))
    await second.vault.sync(never)
    await expect(second.vault.secretFor(store)).rejects.toThrow(/not the one that the membership log names/)
    await other.removeFolders()
  })
})
