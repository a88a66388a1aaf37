import { eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { auditLog } from '@/drizzle/schema/audit'
import { linkedServices } from '@/drizzle/schema/authoring'
import { nodes, runtimes } from '@/drizzle/schema/runtimes'
import { nodeCredentials } from '@/drizzle/schema/vault'
import { aLinkedService } from '@/lib/db/test-fixtures'
import { offerStaleWork } from '@/lib/vault/work'
import type { TestNode } from '@/server/test-node'
import { found, pull, raw, refused, testVault, wrap } from '@/server/test-vault'

const { world, entryBy, append, aVault, aSecondMember, remove, runtime } = testVault()
const rotate = (removed: TestNode[], generation = 2) => ({
  op: 'rotate' as const,
  removedNodeIds: removed.map(({ nodeId }) => nodeId),
  generation,
  publicKey: raw('2'),
})

describe('founding', () => {
  test('is offered to one node at a time, and done once', async () => {
    const [one, two] = [await world.enrol(), await world.enrol()]
    expect((await pull(one)).work).toEqual([{ kind: 'found' }])
    expect((await pull(two)).work).toEqual([])
    expect((await pull(one)).work).toEqual([{ kind: 'found' }])
    const [ours, theirs] = [await entryBy(one, found(one)), await entryBy(two, found(two))]
    expect(await one.call('vault', { op: 'append', entry: ours, wraps: [wrap(one)] })).toMatchObject({
      status: 200,
    })
    expect(await two.call('vault', { op: 'append', entry: theirs, wraps: [wrap(two)] })).toMatchObject(
      refused(409, 'conflict'),
    )
    expect(await runtime()).toMatchObject({ vaultGeneration: 1, vaultPublicKey: raw('1') })
    const actions = await world.db.select({ action: auditLog.action }).from(auditLog)
    expect(actions.map(({ action }) => action)).toContain('vault.founded')
  })

  test('is offered to all again where the first one did not do it', async () => {
    const [one, two] = [await world.enrol(), await world.enrol()]
    await pull(one)
    await world.db.update(runtimes).set({ vaultWorkUntil: new Date(Date.now() - 1000) })
    const before = (await runtime())?.vaultVersion ?? 0
    expect(await offerStaleWork(world.db)).toEqual([world.runtime.id])
    expect((await runtime())?.vaultVersion).toBe(before + 1)
    expect((await pull(two)).work).toEqual([{ kind: 'found' }])
  })
})

describe('removal', () => {
  test('asks a remaining member for a new generation, with a wrap for each that stays', async () => {
    const node = await aVault()
    const [second, third] = [await aSecondMember(node), await aSecondMember(node)]
    await remove(second)
    expect((await pull(node)).work).toEqual([{ kind: 'rotate', removedNodeIds: [second.nodeId] }])
    expect(await append(node, rotate([second]), { wraps: [wrap(node, 2)] })).toMatchObject(
      refused(400, 'malformed'),
    )
    const wraps = [wrap(node, 2), wrap(third, 2)]
    expect(await append(node, rotate([third]), { wraps: [wrap(node, 2), wrap(second, 2)] })).toMatchObject(
      refused(403, 'forbidden'),
    )
    expect(await append(node, rotate([second]), { wraps })).toMatchObject({ status: 200 })
    expect(await runtime()).toMatchObject({ vaultGeneration: 2, vaultPublicKey: raw('2') })
    expect((await pull(node)).work).toEqual([])
  })

  test('takes no generation that leaves a credential under the old key', async () => {
    const node = await aVault()
    const second = await aSecondMember(node)
    const service = await aLinkedService(world.db, world.runtime)
    const sealed = {
      linkedServiceId: service.id,
      version: service.credentialVersion,
      generation: 1,
      enc: raw('c'),
      ciphertext: 'b2xk',
    }
    await world.db.update(linkedServices).set({ sealedCredential: sealed })
    await remove(second)
    const wraps = [wrap(node, 2)]
    expect(await append(node, rotate([second]), { wraps })).toMatchObject(refused(409, 'conflict'))
    const entry = await entryBy(node, rotate([second]))
    const anew = { ...sealed, generation: 2, ciphertext: 'bmV3' }
    expect(await node.call('vault', { op: 'append', entry, wraps, resealed: [anew] })).toMatchObject({
      status: 200,
    })
    const [row] = await world.db.select().from(linkedServices)
    expect(row).toMatchObject({ sealedCredential: anew, vaultVersion: (await runtime())?.vaultVersion })
    expect((await pull(node)).credentials).toMatchObject([
      { sealed: anew, context: { linkedServiceId: service.id } },
    ])
  })

  test('of the last member forgets the vault: the next node founds a new one, secrets are asked for again', async () => {
    const node = await aVault()
    const service = await aLinkedService(world.db, world.runtime)
    const sealed = {
      linkedServiceId: service.id,
      version: 1,
      generation: 1,
      enc: raw('c'),
      ciphertext: 'b2xk',
    }
    await world.db.update(linkedServices).set({ sealedCredential: sealed })
    await remove(node)
    expect(await runtime()).toMatchObject({ vaultGeneration: 0, vaultPublicKey: null })
    expect(await world.db.select().from(linkedServices)).toMatchObject([
      { sealedCredential: null, credentialVersion: 1 },
    ])
    const next = await world.enrol()
    expect((await pull(next)).work).toEqual([{ kind: 'found' }])
    expect(await append(next, found(next), { wraps: [wrap(next)] })).toMatchObject({ status: 200 })
    const lost = await world.db.select().from(auditLog).where(eq(auditLog.action, 'vault.lost'))
    expect(lost).toMatchObject([{ after: { credentialsToEnterAgain: [service.name] } }])
  })
})

describe('a pull', () => {
  test('answers what changed since, and names what is gone', async () => {
    const node = await aVault()
    const [one, two] = [
      await aLinkedService(world.db, world.runtime),
      await aLinkedService(world.db, world.runtime),
    ]
    const sealedAt = (service: typeof one, vaultVersion: number) => ({
      vaultVersion,
      sealedCredential: {
        linkedServiceId: service.id,
        version: 1,
        generation: 1,
        enc: raw('c'),
        ciphertext: 'eA',
      },
    })
    await world.db.update(linkedServices).set(sealedAt(one, 5)).where(eq(linkedServices.id, one.id))
    await world.db.update(linkedServices).set(sealedAt(two, 6)).where(eq(linkedServices.id, two.id))
    expect((await pull(node, '5')).credentials.map(({ sealed }) => sealed.linkedServiceId)).toEqual([two.id])
    await world.db.delete(linkedServices).where(eq(linkedServices.id, one.id))
    const answer = await node.call('vault', {
      op: 'pull',
      logFrom: 0,
      credentialsSince: '6',
      credentialIds: [one.id, two.id],
    })
    expect(answer.body).toMatchObject({ state: { credentials: [], removedCredentialIds: [one.id] } })
  })
})

test('what a node has opened is noted, for its own runtime only', async () => {
  const node = await aVault()
  const [mine, failed] = [
    await aLinkedService(world.db, world.runtime),
    await aLinkedService(world.db, world.runtime),
  ]
  const answer = await node.call('vault', {
    op: 'ready',
    generation: 9,
    opened: [
      { linkedServiceId: mine.id, version: 1 },
      { linkedServiceId: world.runtime.id, version: 1 },
    ],
    failed: [{ linkedServiceId: failed.id, version: 2, reason: 'sealed for another address' }],
  })
  expect(answer).toMatchObject({ status: 200, body: { op: 'noted' } })
  const noted = await world.db.select().from(nodeCredentials).orderBy(nodeCredentials.version)
  expect(noted).toMatchObject([
    { linkedServiceId: mine.id, version: 1, openedAt: expect.any(Date), error: null },
    { linkedServiceId: failed.id, version: 2, openedAt: null, error: 'sealed for another address' },
  ])
  expect(await world.db.select().from(nodes)).toMatchObject([{ vaultGeneration: 1, vaultError: null }])
  await node.call('vault', { op: 'fault', reason: 'the portal shows a fork' })
  expect(await world.db.select().from(nodes)).toMatchObject([{ vaultError: 'the portal shows a fork' }])
})
