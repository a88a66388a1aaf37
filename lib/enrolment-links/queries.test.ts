import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { enrolmentLinks } from '@/drizzle/schema/runtimes'
import { testDatabase } from '@/lib/db/test-database'
import { aFactory, aNode, aPortal, aRuntime, aTenant, aUser } from '@/lib/db/test-fixtures'
import { createEnrolmentLink } from '@/lib/enrolment-links/create'
import { getInstallSource, listEnrolmentLinks } from '@/lib/enrolment-links/queries'
import type { Role } from '@/lib/permissions'

const database = testDatabase()
beforeEach(() => aPortal())
afterEach(() => vi.useRealTimers())

async function aPlace(role: Role) {
  const { db } = database
  const tenantId = await aTenant(db)
  const runtime = await aRuntime(db, await aFactory(db, tenantId))
  return { ctx: { actor: await aUser(db, tenantId, role), db }, runtime }
}
const minutes = (count: number) => new Date(Date.now() + count * 60_000)

test('listEnrolmentLinks() says what became of each, the newest first', async () => {
  const { ctx, runtime } = await aPlace('Contributor')
  const node = await aNode(ctx.db, runtime, { name: 'quay-a' })
  const link = { runtimeId: runtime.id, secretHash: 'x', createdBy: ctx.actor.userId, expiresAt: minutes(60) }
  await ctx.db.insert(enrolmentLinks).values([
    { ...link, createdAt: minutes(-1) },
    { ...link, createdAt: minutes(-2), expiresAt: minutes(-1) },
    { ...link, createdAt: minutes(-3), revokedAt: minutes(-2) },
    { ...link, createdAt: minutes(-4), expiresAt: minutes(-1), usedAt: minutes(-3), usedByNodeId: node.id },
  ])
  const rows = await listEnrolmentLinks(ctx, runtime.id)
  expect(rows.map(({ state }) => state)).toEqual(['waiting', 'expired', 'revoked', 'used'])
  expect(rows[3]?.usedBy).toEqual({ id: node.id, name: 'quay-a', removed: false })
  expect(rows[0]?.createdBy).toBe(ctx.actor.name)
  expect(JSON.stringify(rows)).not.toContain('secretHash')
})

test.each(['Operator', 'Reader'] as const)('listEnrolmentLinks() is not for the role %s', async (role) => {
  const { ctx, runtime } = await aPlace(role)
  await expect(listEnrolmentLinks(ctx, runtime.id)).rejects.toMatchObject({ code: 'forbidden' })
})

test('getInstallSource() gives the address and what pins it', async () => {
  const { ctx, runtime } = await aPlace('Reader')
  expect(await getInstallSource(ctx, runtime.id)).toMatchObject({
    portalUrl: 'https://portal.test:8443',
    fingerprint: 'ab'.repeat(32),
  })
})

test.each([-1, 1])(
  'a link lasts its hour by the one clock that judges it, with a portal %i h off',
  async (hours) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + hours * 3_600_000 })
    const { ctx, runtime } = await aPlace('Contributor')
    const made = { runtimeId: runtime.id, linkId: crypto.randomUUID(), secretHash: 'ab'.repeat(32) }
    const { expiresAt } = await createEnrolmentLink(ctx, { ...made, expiresInMinutes: 30 })
    vi.useRealTimers()
    expect(Math.abs(expiresAt.getTime() - minutes(30).getTime())).toBeLessThan(600_000)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + hours * 3_600_000 })
    expect((await listEnrolmentLinks(ctx, runtime.id)).map(({ state }) => state)).toEqual(['waiting'])
  },
)
