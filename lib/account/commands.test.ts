import { eq, ne } from 'drizzle-orm'
import { beforeEach, describe, expect, test } from 'vitest'
import { auditLog } from '@/drizzle/schema/audit'
import { sessions, users } from '@/drizzle/schema/tenants'
import { changePassword } from '@/lib/account/change-password'
import { countSessions, getProfile, getSessionLeft, listSessions } from '@/lib/account/queries'
import { revokeOtherSessions, revokeSession } from '@/lib/account/revoke-session'
import { updateProfile } from '@/lib/account/update-profile'
import { hashPassword, verifyPassword } from '@/lib/auth/password'
import { createSession } from '@/lib/auth/sessions'
import type { WriteContext } from '@/lib/command'
import { testDatabase } from '@/lib/db/test-database'
import { aTenant, aUser } from '@/lib/db/test-fixtures'

const database = testDatabase()
const currentPassword = 'correct horse battery'
const client = { userAgent: 'Test/1.0', address: '192.0.2.7' }
const state = { tenantId: '' }

/** A user with two sessions of which the first asks; no role is needed for one's own account. */
async function aSelf() {
  const { db } = database
  const actor = await aUser(db, state.tenantId, null)
  const mine = await createSession(db, actor.userId, client)
  const other = await createSession(db, actor.userId, { ...client, address: '192.0.2.8' })
  return { ctx: { actor: { ...actor, sessionId: mine.sessionId }, db }, other }
}
async function actions() {
  return (await database.db.select().from(auditLog).orderBy(auditLog.seq)).map(({ action }) => action)
}
async function passwordIs(password: string) {
  const [user] = await database.db.select().from(users)
  return await verifyPassword(password, user?.passwordHash ?? null)
}
beforeEach(async () => {
  state.tenantId = await aTenant(database.db)
})

test('getProfile() and listSessions() show one’s own, with the one that asks marked', async () => {
  const { ctx, other } = await aSelf()
  await aSelf()
  expect(await getProfile(ctx)).toMatchObject({
    email: ctx.actor.email,
    tenantName: 'Harbour works',
    role: null,
  })
  const listed = await listSessions(ctx)
  expect(new Map(listed.map(({ id, current }) => [id, current]))).toEqual(
    new Map([
      [ctx.actor.sessionId, true],
      [other.sessionId, false],
    ]),
  )
  expect(JSON.stringify(listed)).not.toContain(other.token)
})

test('listSessions() shows the asking one and the newest of the others, and countSessions() counts them all', async () => {
  const { ctx } = await aSelf()
  const { sessionId } = ctx.actor
  const [row] = await database.db.select().from(sessions).where(eq(sessions.id, sessionId))
  if (!row) throw new Error('There is a session')
  const { id: _id, tokenHash: _hash, ...rest } = row
  const later = new Date(Date.now() + 60_000)
  await database.db
    .insert(sessions)
    .values(
      Array.from({ length: 120 }, (_, index) => ({ ...rest, tokenHash: `hash-${index}`, lastSeenAt: later })),
    )
  const listed = await listSessions(ctx)
  expect(listed).toHaveLength(100)
  expect(listed[0]).toMatchObject({ id: sessionId, current: true })
  expect(listed.filter(({ lastSeenAt }) => lastSeenAt.getTime() === later.getTime())).toHaveLength(99)
  expect(await countSessions(ctx)).toBe(122)
})

test('getSessionLeft() tells how long one’s own session lasts, unused and in any case', async () => {
  const { ctx } = await aSelf()
  const set = (change: Partial<typeof sessions.$inferInsert>) =>
    database.db.update(sessions).set(change).where(eq(sessions.id, ctx.actor.sessionId))
  await set({ lastSeenAt: new Date(Date.now() - 20 * 60_000) })
  const left = await getSessionLeft(ctx)
  expect({ ...left, idleMs: minutes(left.idleMs), totalMs: minutes(left.totalMs) }).toEqual({
    userId: ctx.actor.userId,
    idleMs: 10,
    totalMs: 12 * 60,
  })
  await set({ revokedAt: new Date() })
  await expect(getSessionLeft(ctx)).rejects.toMatchObject({ code: 'unauthenticated' })
})

test('updateProfile() changes one’s own name only', async () => {
  const { ctx } = await aSelf()
  const { ctx: neighbour } = await aSelf()
  await updateProfile(ctx, { name: ' Ann Keeper ' })
  const rows = await database.db.select({ name: users.name }).from(users).orderBy(users.name)
  expect(rows.map(({ name }) => name).toSorted()).toEqual(['Ann Keeper', neighbour.actor.name].toSorted())
  expect(await actions()).toEqual(['user.renamed'])
  await expect(updateProfile(ctx, { name: ' ' })).rejects.toMatchObject({
    fields: { name: ['Enter your name'] },
  })
})

describe('changePassword()', () => {
  const newPassword = 'seven gates of brass'
  let self: Awaited<ReturnType<typeof aSelf>>
  beforeEach(async () => {
    self = await aSelf()
    await database.db.update(users).set({ passwordHash: await hashPassword(currentPassword) })
  })

  test('sets the new one and ends every other session', async () => {
    expect(await changePassword(self.ctx, { currentPassword, newPassword })).toEqual({ endedSessions: 1 })
    expect(await passwordIs(newPassword)).toBe(true)
    expect((await listSessions(self.ctx)).map(({ current }) => current)).toEqual([true])
    expect(await actions()).toEqual(['user.passwordChanged'])
    const [entry] = await database.db.select().from(auditLog)
    expect(JSON.stringify(entry)).not.toContain(newPassword)
  })

  test('wants the present one, and slows guessing down', async () => {
    const guess = () => changePassword(self.ctx, { currentPassword: 'wrong', newPassword })
    for (let count = 0; count < 5; count += 1)
      await expect(guess()).rejects.toMatchObject({ fields: { currentPassword: [expect.any(String)] } })
    await expect(changePassword(self.ctx, { currentPassword, newPassword })).rejects.toMatchObject({
      code: 'rate_limited',
    })
    expect(await passwordIs(currentPassword)).toBe(true)
  })

  test('refuses a short one, the present one, and one with the address in it', async () => {
    await database.db.update(users).set({ email: 'keeper@example.com' })
    const ctx: WriteContext = { ...self.ctx, actor: { ...self.ctx.actor, email: 'keeper@example.com' } }
    for (const wrong of ['short', currentPassword, 'the keeper of gates'])
      await expect(changePassword(ctx, { currentPassword, newPassword: wrong })).rejects.toMatchObject({
        fields: { newPassword: [expect.any(String)] },
      })
  })
})

describe('revokeSession()', () => {
  test('ends one’s other session', async () => {
    const { ctx, other } = await aSelf()
    await revokeSession(ctx, { sessionId: other.sessionId })
    expect(await listSessions(ctx)).toHaveLength(1)
    await expect(revokeSession(ctx, { sessionId: other.sessionId })).rejects.toMatchObject({
      code: 'not_found',
    })
    expect(await actions()).toEqual(['session.revoked'])
  })

  test('does not know somebody else’s', async () => {
    const { ctx } = await aSelf()
    const { other } = await aSelf()
    await expect(revokeSession(ctx, { sessionId: other.sessionId })).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  test('revokeOtherSessions() leaves only the one that asks', async () => {
    const { ctx } = await aSelf()
    const { ctx: neighbour } = await aSelf()
    expect(await revokeOtherSessions(ctx, {})).toEqual({ endedSessions: 1 })
    expect((await listSessions(ctx)).map(({ id }) => id)).toEqual([ctx.actor.sessionId])
    expect(await listSessions(neighbour)).toHaveLength(2)
    expect(await database.db.$count(sessions, ne(sessions.userId, ctx.actor.userId))).toBe(2)
    expect(await database.db.$count(users, eq(users.id, ctx.actor.userId))).toBe(1)
  })
})

function minutes(ms: number): number {
  return Math.round(ms / 60_000)
}
