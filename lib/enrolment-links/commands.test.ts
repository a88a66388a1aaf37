import { beforeEach, describe, expect, test } from 'vitest'
import { auditLog } from '@/drizzle/schema/audit'
import { enrolmentLinks, runtimes } from '@/drizzle/schema/runtimes'
import { testDatabase } from '@/lib/db/test-database'
import { aFactory, aRuntime, aTenant, aUser } from '@/lib/db/test-fixtures'
import { createEnrolmentLink } from '@/lib/enrolment-links/create'
import { revokeEnrolmentLink } from '@/lib/enrolment-links/revoke'
import type { Role } from '@/lib/permissions'
import { makeEnrolmentLink } from '@/lib/protocol/enrolment-link'
import { generateVaultKeyPair } from '@/lib/protocol/sealing'

const database = testDatabase()
const state = { runtimeId: '', tenantId: '' }

beforeEach(async () => {
  const { db } = database
  state.tenantId = await aTenant(db)
  state.runtimeId = (await aRuntime(db, await aFactory(db, state.tenantId))).id
})
async function contextOf(role: Role | null, tenantId = state.tenantId) {
  return { actor: await aUser(database.db, tenantId, role), db: database.db }
}
async function aLink() {
  const { record } = await makeEnrolmentLink(state.runtimeId, null, null)
  return { ...record, expiresInMinutes: 60 }
}

describe('createEnrolmentLink()', () => {
  test('keeps hashes only, and when it expires', async () => {
    const ctx = await contextOf('Contributor')
    const { token, record } = await makeEnrolmentLink(state.runtimeId, null, null)
    const { expiresAt } = await createEnrolmentLink(ctx, { ...record, expiresInMinutes: 30 })
    expect(Math.round((expiresAt.getTime() - Date.now()) / 60_000)).toBe(30)
    const rows = [await ctx.db.select().from(enrolmentLinks), await ctx.db.select().from(auditLog)]
    for (const half of token.split('.').slice(2, 4)) expect(JSON.stringify(rows)).not.toContain(half)
    expect(rows[1]).toMatchObject([{ action: 'enrolmentLink.created', entityId: state.runtimeId }])
  })

  test('wants the second half sealed for the present vault, once there is one', async () => {
    const ctx = await contextOf('Owner')
    const { publicKey } = await generateVaultKeyPair()
    await ctx.db.update(runtimes).set({ vaultGeneration: 2, vaultPublicKey: publicKey })
    await expect(createEnrolmentLink(ctx, await aLink())).rejects.toMatchObject({ code: 'conflict' })
    const stale = await makeEnrolmentLink(state.runtimeId, { generation: 1, publicKey }, null)
    await expect(createEnrolmentLink(ctx, { ...stale.record, expiresInMinutes: 60 })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('Make the link again'),
    })
    const { record } = await makeEnrolmentLink(state.runtimeId, { generation: 2, publicKey }, null)
    await createEnrolmentLink(ctx, { ...record, expiresInMinutes: 60 })
    expect((await ctx.db.select().from(enrolmentLinks))[0]?.sealedSecret).toMatchObject({ generation: 2 })
  })

  test.each(['Operator', 'Reader', null] as const)('refuses the role %s', async (role) => {
    await expect(createEnrolmentLink(await contextOf(role), await aLink())).rejects.toMatchObject({
      code: 'forbidden',
    })
  })

  test('refuses a lifetime out of range and another tenant’s runtime', async () => {
    await expect(
      createEnrolmentLink(await contextOf('Owner'), { ...(await aLink()), expiresInMinutes: 4 }),
    ).rejects.toMatchObject({ code: 'invalid_input' })
    const stranger = await contextOf('Owner', await aTenant(database.db))
    await expect(createEnrolmentLink(stranger, await aLink())).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('revokeEnrolmentLink()', () => {
  test('makes an unused link worthless, and says it once', async () => {
    const ctx = await contextOf('Contributor')
    const { linkId } = await createEnrolmentLink(ctx, await aLink())
    await revokeEnrolmentLink(ctx, { linkId })
    await revokeEnrolmentLink(ctx, { linkId })
    expect((await ctx.db.select().from(enrolmentLinks))[0]?.revokedAt).not.toBeNull()
    const actions = (await ctx.db.select().from(auditLog)).map(({ action }) => action)
    expect(actions).toEqual(['enrolmentLink.created', 'enrolmentLink.revoked'])
  })

  test('has nothing to revoke once it was used, and knows no other tenant’s link', async () => {
    const ctx = await contextOf('Owner')
    const { linkId } = await createEnrolmentLink(ctx, await aLink())
    const stranger = await contextOf('Owner', await aTenant(database.db))
    await expect(revokeEnrolmentLink(stranger, { linkId })).rejects.toMatchObject({ code: 'not_found' })
    await ctx.db.update(enrolmentLinks).set({ usedAt: new Date() })
    await expect(revokeEnrolmentLink(ctx, { linkId })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('Remove the node'),
    })
  })

  test('refuses an operator', async () => {
    const { linkId } = await createEnrolmentLink(await contextOf('Owner'), await aLink())
    await expect(revokeEnrolmentLink(await contextOf('Operator'), { linkId })).rejects.toMatchObject({
      code: 'forbidden',
    })
  })
})
