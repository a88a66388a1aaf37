import { expect, test } from 'vitest'
import { rateLimits, sessions } from '@/drizzle/schema/tenants'
import { forgetOldSignIns } from '@/lib/auth/forget'
import { createSession } from '@/lib/auth/sessions'
import { countAttempt } from '@/lib/auth/throttle'
import { testDatabase } from '@/lib/db/test-database'
import { aTenant, aUser } from '@/lib/db/test-fixtures'

const database = testDatabase()
const client = { userAgent: 'Test/1.0', address: '192.0.2.7' }
const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000)

test('forgetOldSignIns() removes sessions that are long over', async () => {
  const { db } = database
  const { userId } = await aUser(db, await aTenant(db), 'Owner')
  await db.delete(sessions)
  await createSession(db, userId, client)
  const [present] = await db.select().from(sessions)
  if (!present) throw new Error('There is no session')
  const over = { userId, ...client, lastSeenAt: daysAgo(31) }
  await db.insert(sessions).values([
    { ...over, tokenHash: 'a', expiresAt: daysAgo(31) },
    { ...over, tokenHash: 'b', expiresAt: daysAgo(1), revokedAt: daysAgo(1) },
  ])
  await forgetOldSignIns(db)
  const kept = await db.select({ tokenHash: sessions.tokenHash }).from(sessions)
  expect(kept.map(({ tokenHash }) => tokenHash).toSorted()).toEqual(['b', present.tokenHash].toSorted())
})

test('forgetOldSignIns() removes counters that count no more, and none that still blocks', async () => {
  const { db } = database
  await countAttempt(db, ['test:fresh'])
  await db.insert(rateLimits).values([
    { key: 'test:stale', failures: 3, updatedAt: daysAgo(1) },
    { key: 'test:waited', failures: 9, updatedAt: daysAgo(1), blockedUntil: daysAgo(1) },
    { key: 'test:blocked', failures: 9, updatedAt: daysAgo(1), blockedUntil: daysAgo(-1) },
  ])
  await forgetOldSignIns(db)
  const kept = await db.select({ key: rateLimits.key }).from(rateLimits)
  expect(kept.map(({ key }) => key).toSorted()).toEqual(['test:blocked', 'test:fresh'])
})
