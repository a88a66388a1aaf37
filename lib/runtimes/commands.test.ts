import { eq } from 'drizzle-orm'
import { beforeEach, describe, expect, test } from 'vitest'
import { auditLog } from '@/drizzle/schema/audit'
import { linkedServices } from '@/drizzle/schema/authoring'
import { authKeys, nodes, runtimes } from '@/drizzle/schema/runtimes'
import { tasks } from '@/drizzle/schema/runs'
import { readAuthKey } from '@/lib/auth-keys/auth-key'
import { regenerateAuthKey } from '@/lib/auth-keys/regenerate'
import { revealAuthKeys } from '@/lib/auth-keys/reveal'
import { testDatabase } from '@/lib/db/test-database'
import { aFactory, aNode, aPortal, aRuntime, aTenant, aUser } from '@/lib/db/test-fixtures'
import type { Role } from '@/lib/permissions'
import { authKeyPattern } from '@/lib/protocol/enrolment'
import { createRuntime } from '@/lib/runtimes/create'
import { deleteRuntime } from '@/lib/runtimes/delete'
import { listRuntimeUsers } from '@/lib/runtimes/queries'
import { updateRuntime } from '@/lib/runtimes/update'

const database = testDatabase()
beforeEach(() => aPortal())

async function aPlace(role: Role | null) {
  const { db } = database
  const tenantId = await aTenant(db)
  const factory = await aFactory(db, tenantId, { name: 'acme' })
  return { ctx: { actor: await aUser(db, tenantId, role), db }, factory }
}
async function lastAudit() {
  return (await database.db.select().from(auditLog).orderBy(auditLog.seq)).at(-1)
}

async function aKeyedRuntime(role: Role) {
  const place = await aPlace('Owner')
  const runtime = await createRuntime(place.ctx, { factoryId: place.factory.id, name: 'plant-7' })
  return { ctx: { ...place.ctx, actor: { ...place.ctx.actor, tenantRole: role } }, runtimeId: runtime.id }
}

describe('createRuntime()', () => {
  test('makes a runtime with two keys that only their hash tells', async () => {
    const { ctx, factory } = await aPlace('Contributor')
    const { id } = await createRuntime(ctx, { factoryId: factory.id, name: 'plant-7' })
    expect(await ctx.db.select().from(runtimes)).toMatchObject([
      {
        id,
        name: 'plant-7',
        kind: 'SelfHosted',
        leaseSeconds: 60,
        admission: 'standard',
        vaultGeneration: 0,
      },
    ])
    const keys = await ctx.db.select().from(authKeys)
    expect(keys.map(({ name }) => name).toSorted()).toEqual(['authKey1', 'authKey2'])
    expect(new Set(keys.map(({ keyHash }) => keyHash)).size).toBe(2)
    expect(await lastAudit()).toMatchObject({
      action: 'runtime.created',
      factoryId: factory.id,
      entityName: 'plant-7',
    })
  })

  test('refuses a name that the factory has, and times out of range', async () => {
    const { ctx, factory } = await aPlace('Owner')
    await createRuntime(ctx, { factoryId: factory.id, name: 'plant-7' })
    await expect(createRuntime(ctx, { factoryId: factory.id, name: 'Plant-7' })).rejects.toMatchObject({
      code: 'conflict',
      fields: { name: [expect.stringContaining('exists already')] },
    })
    await expect(
      createRuntime(ctx, { factoryId: factory.id, name: 'plant-8', leaseSeconds: 4 }),
    ).rejects.toMatchObject({ fields: { leaseSeconds: ['Use at least 5 seconds'] } })
  })

  test.each(['Operator', 'Reader', null] as const)('refuses the role %s', async (role) => {
    const { ctx, factory } = await aPlace(role)
    await expect(createRuntime(ctx, { factoryId: factory.id, name: 'plant-7' })).rejects.toMatchObject({
      code: 'forbidden',
    })
  })
})

describe('updateRuntime()', () => {
  const change = { description: 'By the quay', admission: 'strict' as const, leaseSeconds: 15 }
  test('changes the settings and keeps before and after', async () => {
    const { ctx, factory } = await aPlace('Contributor')
    const { id } = await aRuntime(ctx.db, factory)
    await updateRuntime(ctx, { runtimeId: id, ...change })
    expect(await ctx.db.select().from(runtimes)).toMatchObject([change])
    expect(await lastAudit()).toMatchObject({
      action: 'runtime.updated',
      before: { description: '', admission: 'standard', leaseSeconds: 60 },
      after: change,
    })
  })
  test('does not go back from strict once a node has joined', async () => {
    const { ctx, factory } = await aPlace('Owner')
    const { id } = await aRuntime(ctx.db, factory, { admission: 'strict' })
    const back = { runtimeId: id, ...change, admission: 'standard' }
    await updateRuntime(ctx, back)
    await ctx.db.update(runtimes).set({ admission: 'strict', vaultGeneration: 1 })
    await expect(updateRuntime(ctx, back)).rejects.toMatchObject({
      code: 'conflict',
      fields: { admission: [expect.stringContaining('stays strict')] },
    })
  })
  test('refuses an operator, and does not know another tenant’s runtime', async () => {
    const { ctx, factory } = await aPlace('Operator')
    const { id } = await aRuntime(ctx.db, factory)
    await expect(updateRuntime(ctx, { runtimeId: id, ...change })).rejects.toMatchObject({
      code: 'forbidden',
    })
    const stranger = await aPlace('Owner')
    await expect(updateRuntime(stranger.ctx, { runtimeId: id, ...change })).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})

describe('deleteRuntime()', () => {
  test('takes nodes and keys with it', async () => {
    const { ctx, factory } = await aPlace('Contributor')
    const { id } = await createRuntime(ctx, { factoryId: factory.id, name: 'plant-7' })
    await aNode(ctx.db, { id, tenantId: factory.tenantId })
    await deleteRuntime(ctx, { runtimeId: id, confirmName: 'plant-7' })
    for (const table of [runtimes, nodes, authKeys]) expect(await ctx.db.$count(table)).toBe(0)
    expect(await lastAudit()).toMatchObject({ action: 'runtime.deleted', before: { nodes: 1 } })
  })

  test('names the linked services that connect through it', async () => {
    const { ctx, factory } = await aPlace('Owner')
    const { id, name } = await aRuntime(ctx.db, factory)
    const address = { type: 'FileServer' as const, host: '/data' }
    const values = {
      tenantId: factory.tenantId,
      factoryId: factory.id,
      runtimeId: id,
      address,
      type: 'FileServer' as const,
    }
    await ctx.db.insert(linkedServices).values({ ...values, name: 'plant-files', definition: {} as never })
    expect(await listRuntimeUsers(ctx, id)).toEqual({ names: ['plant-files'], total: 1 })
    await expect(deleteRuntime(ctx, { runtimeId: id, confirmName: name })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(
        'the linked service "plant-files" connects through it. Move or delete it first',
      ),
    })
  })

  test('refuses while runs are in progress on it, without the name, and for an operator', async () => {
    const { ctx, factory } = await aPlace('Owner')
    const { id, name } = await aRuntime(ctx.db, factory)
    await ctx.db.insert(tasks).values({ runtimeId: id, kind: 'copyPart', spec: {} as never })
    await expect(deleteRuntime(ctx, { runtimeId: id, confirmName: name })).rejects.toMatchObject({
      message: expect.stringContaining('while runs are in progress'),
    })
    await expect(deleteRuntime(ctx, { runtimeId: id, confirmName: '' })).rejects.toMatchObject({
      code: 'invalid_input',
    })
    const operator = { ...ctx, actor: { ...ctx.actor, tenantRole: 'Operator' as const } }
    await expect(deleteRuntime(operator, { runtimeId: id, confirmName: name })).rejects.toMatchObject({
      code: 'forbidden',
    })
  })
})

describe('authentication keys', () => {
  test('revealAuthKeys() shows both in Data Factory’s form, and that they were seen', async () => {
    const { ctx, runtimeId } = await aKeyedRuntime('Owner')
    const [first, second] = await revealAuthKeys(ctx, { runtimeId })
    expect(first?.authKey).toMatch(authKeyPattern)
    expect(first?.authKey).toContain(`IR@${runtimeId}@acme@ServiceEndpoint=portal.test:8443@`)
    expect(second?.authKey).not.toBe(first?.authKey)
    const [row] = await ctx.db.select().from(authKeys).where(eq(authKeys.name, 'authKey1'))
    expect(readAuthKey(` ${first?.authKey}\n`)).toEqual({ runtimeId, keyHash: row?.keyHash })
    const entry = await lastAudit()
    expect(entry).toMatchObject({ action: 'authKeys.revealed', entityId: runtimeId })
    const secret = first?.authKey.split('@').at(-1) ?? ''
    expect(JSON.stringify([entry, row])).not.toContain(secret)
  })

  test('a moved portal shows its new address in the same key', async () => {
    const { ctx, runtimeId } = await aKeyedRuntime('Owner')
    const [before] = await revealAuthKeys(ctx, { runtimeId })
    const moved = before?.authKey.replace('portal.test:8443', 'elsewhere.test') ?? ''
    expect(readAuthKey(moved)).toEqual(readAuthKey(before?.authKey ?? ''))
    expect(readAuthKey('IR@nonsense')).toBeNull()
  })

  test('regenerateAuthKey() replaces one and leaves the other', async () => {
    const { ctx, runtimeId } = await aKeyedRuntime('Owner')
    const before = await revealAuthKeys(ctx, { runtimeId })
    const made = await regenerateAuthKey(ctx, { runtimeId, name: 'authKey2' })
    const after = await revealAuthKeys(ctx, { runtimeId })
    expect(after[0]).toEqual(before[0])
    expect(after[1]).toEqual(made)
    expect(after[1]).not.toEqual(before[1])
    const actions = await ctx.db.select({ action: auditLog.action, after: auditLog.after }).from(auditLog)
    expect(actions).toContainEqual({ action: 'authKey.regenerated', after: { key: 'authKey2' } })
  })

  test('a sealed key opens for its own row only', async () => {
    const { ctx, runtimeId } = await aKeyedRuntime('Owner')
    const [row] = await ctx.db.select().from(authKeys).where(eq(authKeys.name, 'authKey1'))
    await ctx.db
      .update(authKeys)
      .set({ sealedKey: row?.sealedKey ?? '' })
      .where(eq(authKeys.name, 'authKey2'))
    await expect(revealAuthKeys(ctx, { runtimeId })).rejects.toThrow()
  })

  test.each(['Contributor', 'Operator', 'Reader'] as const)('are not for the role %s', async (role) => {
    const { ctx, runtimeId } = await aKeyedRuntime(role)
    await expect(revealAuthKeys(ctx, { runtimeId })).rejects.toMatchObject({ code: 'forbidden' })
    await expect(regenerateAuthKey(ctx, { runtimeId, name: 'authKey1' })).rejects.toMatchObject({
      code: 'forbidden',
    })
  })
})
