import { describe, expect, test } from 'vitest'
import { auditLog } from '@/drizzle/schema/audit'
import { factories } from '@/drizzle/schema/factories'
import { testDatabase } from '@/lib/db/test-database'
import { aTenant, aUser } from '@/lib/db/test-fixtures'
import { createFactory } from '@/lib/factories/create'
import { updateFactory } from '@/lib/factories/update'
import type { Role } from '@/lib/permissions'

const database = testDatabase()
async function contextOf(role: Role | null, tenantId?: string) {
  const { db } = database
  return { actor: await aUser(db, tenantId ?? (await aTenant(db)), role), db }
}

describe('createFactory()', () => {
  test('makes a factory in the actor’s tenant and says so in the audit log', async () => {
    const ctx = await contextOf('Contributor')
    const made = await createFactory(ctx, { name: 'Plant-7', tags: { site: 'Kiel' } })
    const [row] = await database.db.select().from(factories)
    expect(row).toMatchObject({
      id: made.id,
      name: 'Plant-7',
      tags: { site: 'Kiel' },
      tenantId: ctx.actor.tenantId,
    })
    expect(row?.createdBy).toBe(ctx.actor.userId)
    const [entry] = await database.db.select().from(auditLog)
    expect(entry).toMatchObject({
      action: 'factory.created',
      entityId: made.id,
      entityName: 'Plant-7',
      seq: 1,
    })
  })

  test.each(['Operator', 'Reader', null] as const)('refuses the role %s', async (role) => {
    await expect(createFactory(await contextOf(role), { name: 'plant-7' })).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('Owner or Contributor'),
    })
    expect(await database.db.$count(factories)).toBe(0)
  })

  test.each(['ab', 'a--b', '-plant', 'plant_7', 'p'.repeat(64), 'plânt'])(
    'refuses the name %s at its field',
    async (name) => {
      await expect(createFactory(await contextOf('Owner'), { name })).rejects.toMatchObject({
        code: 'invalid_input',
        fields: { name: [expect.any(String)] },
      })
    },
  )

  test.each([
    ['description', { description: 'plant\0' }],
    ['tags', { tags: { site: '\ud800' } }],
  ])('refuses text that the database cannot hold, at the field %s', async (field, more) => {
    await expect(createFactory(await contextOf('Owner'), { name: 'plant-7', ...more })).rejects.toMatchObject(
      { code: 'invalid_input', fields: { [field]: [expect.stringContaining('cannot be kept')] } },
    )
  })

  test('refuses a name that is taken in any case, but not one of another tenant', async () => {
    const ctx = await contextOf('Owner')
    await createFactory(ctx, { name: 'plant-7' })
    await expect(createFactory(ctx, { name: 'PLANT-7' })).rejects.toMatchObject({
      code: 'conflict',
      fields: { name: ['A factory with this name exists already'] },
    })
    await createFactory(await contextOf('Owner'), { name: 'plant-7' })
  })
})

describe('updateFactory()', () => {
  const change = { description: 'Seven gates', tags: { site: 'Kiel' } }

  test('keeps before and after in the audit log', async () => {
    const ctx = await contextOf('Contributor')
    const { id } = await createFactory(ctx, { name: 'plant-7' })
    await updateFactory(ctx, { factoryId: id, ...change })
    expect(await database.db.select().from(factories)).toMatchObject([change])
    const entries = await database.db.select().from(auditLog).orderBy(auditLog.seq)
    expect(entries.at(-1)).toMatchObject({
      action: 'factory.updated',
      before: { description: '', tags: {} },
      after: change,
    })
  })

  test('gives a factory role its factory, and no other', async () => {
    const owner = await contextOf('Owner')
    const { id } = await createFactory(owner, { name: 'plant-7' })
    const other = await createFactory(owner, { name: 'plant-8' })
    const local = await contextOf(null, owner.actor.tenantId)
    const ctx = { ...local, actor: { ...local.actor, factoryRoles: { [id]: 'Contributor' as const } } }
    await updateFactory(ctx, { factoryId: id, ...change })
    await expect(updateFactory(ctx, { factoryId: other.id, ...change })).rejects.toMatchObject({
      code: 'forbidden',
    })
  })

  test('does not know the factory of another tenant', async () => {
    const { id } = await createFactory(await contextOf('Owner'), { name: 'plant-7' })
    await expect(updateFactory(await contextOf('Owner'), { factoryId: id, ...change })).rejects.toMatchObject(
      {
        code: 'not_found',
      },
    )
  })
})
