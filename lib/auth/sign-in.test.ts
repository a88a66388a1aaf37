import { eq, sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { roleAssignments } from '@/drizzle/schema/access'
import { auditLog } from '@/drizzle/schema/audit'
import { rateLimits, sessions, users } from '@/drizzle/schema/tenants'
import { hashPassword } from '@/lib/auth/password'
import { findSessionActor, touchSession } from '@/lib/auth/sessions'
import { signIn, signOut } from '@/lib/auth/sign-in'
import { testDatabase } from '@/lib/db/test-database'
import { aFactory, aTenant, aUser } from '@/lib/db/test-fixtures'

const database = testDatabase()
const password = 'correct horse battery'
const client = { userAgent: 'Test/1.0', address: '192.0.2.7', previousToken: null }
const elsewhere = (index: number) => ({ ...client, address: `192.0.2.${index}` })
const state = { email: '', userId: '', tenantId: '' }

beforeEach(async () => {
  state.tenantId = await aTenant(database.db)
  const { userId, email } = await aUser(database.db, state.tenantId, null)
  Object.assign(state, { userId, email })
  await database.db.update(users).set({ passwordHash: await hashPassword(password) })
})

afterEach(() => vi.useRealTimers())

async function signedIn() {
  const outcome = await signIn(database.db, { email: state.email, password }, client)
  if (!outcome.ok) throw new Error(outcome.reason)
  return outcome.token
}

const asked = (typed: string, from = client) =>
  signIn(database.db, { email: state.email, password: typed }, from)

describe('signIn()', () => {
  test('makes a session that knows its user, with roles as they are now', async () => {
    const token = await signedIn()
    const factory = await aFactory(database.db, state.tenantId)
    expect(await findSessionActor(database.db, token)).toMatchObject({
      userId: state.userId,
      tenantRole: null,
    })
    const { tenantId, userId } = state
    await database.db.insert(roleAssignments).values([
      { tenantId, userId, role: 'Reader' },
      { tenantId, userId, role: 'Operator', factoryId: factory.id },
    ])
    expect(await findSessionActor(database.db, token)).toMatchObject({
      tenantRole: 'Reader',
      factoryRoles: { [factory.id]: 'Operator' },
    })
    const [entry] = await database.db.select().from(auditLog)
    expect(entry).toMatchObject({ action: 'session.started', actor: { kind: 'user', id: userId } })
  })

  test('stores no token, and takes the address in any case', async () => {
    const outcome = await signIn(database.db, { email: ` ${state.email.toUpperCase()} `, password }, client)
    if (!outcome.ok) throw new Error(outcome.reason)
    const [row] = await database.db.select().from(sessions)
    expect(JSON.stringify(row)).not.toContain(outcome.token)
  })

  test('answers alike for a wrong password, an unknown user and a disabled one', async () => {
    const wrong = { ok: false, reason: 'wrong' }
    expect(await signIn(database.db, { email: state.email, password: 'x' }, client)).toEqual(wrong)
    expect(await signIn(database.db, { email: 'nobody@example.com', password }, client)).toEqual(wrong)
    await database.db.update(users).set({ disabledAt: new Date() })
    expect(await signIn(database.db, { email: state.email, password }, client)).toEqual(wrong)
    expect(await database.db.$count(sessions)).toBe(0)
  })

  test('makes even the right password wait after five wrong ones, also for unknown users', async () => {
    for (const email of [state.email, 'nobody@example.com']) {
      for (let index = 0; index < 5; index += 1)
        await signIn(database.db, { email, password: 'x' }, elsewhere(index))
      const outcome = await signIn(database.db, { email, password }, elsewhere(9))
      expect(outcome).toMatchObject({ ok: false, reason: 'wait' })
    }
    await database.db.update(rateLimits).set({ blockedUntil: sql`now()` })
    expect((await signIn(database.db, { email: state.email, password }, elsewhere(9))).ok).toBe(true)
  })

  test('lets strangers keep nobody out where the user has been signed in before; guesses from there wait too', async () => {
    await signedIn()
    for (let index = 0; index < 5; index += 1) await asked('x', elsewhere(index + 100))
    expect(await asked(password, elsewhere(9))).toMatchObject({ reason: 'wait' })
    expect(await asked(password)).toMatchObject({ ok: true })
    for (let index = 0; index < 5; index += 1) await asked('x')
    expect(await asked(password)).toMatchObject({ reason: 'wait' })
  })

  test('slows down an address that tries many users', async () => {
    for (let index = 0; index < 5; index += 1)
      await signIn(database.db, { email: `user${index}@example.com`, password: 'x' }, client)
    expect(await signIn(database.db, { email: state.email, password }, client)).toMatchObject({
      reason: 'wait',
    })
  })

  test('ends the session that this browser had before', async () => {
    const before = await signedIn()
    const outcome = await signIn(
      database.db,
      { email: state.email, password },
      { ...client, previousToken: before },
    )
    if (!outcome.ok) throw new Error(outcome.reason)
    expect(outcome.token).not.toBe(before)
    expect(await findSessionActor(database.db, before)).toBeNull()
  })
})

describe('findSessionActor()', () => {
  test.each([
    ['after 30 minutes without use', { lastSeenAt: sql`now() - interval '31 min'` }],
    ['12 hours after sign-in', { expiresAt: sql`now() - interval '1 s'` }],
    ['once it is revoked', { revokedAt: sql`now()` }],
  ])('knows nobody %s', async (_when, change) => {
    const token = await signedIn()
    expect(await findSessionActor(database.db, token)).not.toBeNull()
    await database.db.update(sessions).set(change)
    expect(await findSessionActor(database.db, token)).toBeNull()
  })

  test('knows nobody for a disabled user, or a token that was never given', async () => {
    const token = await signedIn()
    expect(await findSessionActor(database.db, `${token}x`)).toBeNull()
    await database.db.update(users).set({ disabledAt: new Date() }).where(eq(users.id, state.userId))
    expect(await findSessionActor(database.db, token)).toBeNull()
  })
})

test('touchSession() keeps a session alive, writing at most once a minute', async () => {
  await signedIn()
  const lastSeen = async () => (await database.db.select().from(sessions))[0]
  const fresh = await lastSeen()
  await touchSession(database.db, fresh?.id ?? '')
  expect((await lastSeen())?.lastSeenAt).toEqual(fresh?.lastSeenAt)
  await database.db.update(sessions).set({ lastSeenAt: sql`now() - interval '20 min'` })
  await touchSession(database.db, fresh?.id ?? '')
  expect((await lastSeen())?.lastSeenAt.getTime()).toBeGreaterThan(Date.now() - 60_000)
})

test.each([-1, 1])(
  'a session counts by the database, whose clock is %i h from that of the portal',
  async (hours) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + hours * 3_600_000 })
    const token = await signedIn()
    vi.useRealTimers()
    expect(await findSessionActor(database.db, token)).not.toBeNull()
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + hours * 3_600_000 })
    expect(await findSessionActor(database.db, token)).not.toBeNull()
    const [session] = await database.db.select().from(sessions)
    await database.db.update(sessions).set({ lastSeenAt: sql`now() - interval '20 min'` })
    await touchSession(database.db, session?.id ?? '')
    vi.useRealTimers()
    const { rows } = await database.db.execute<{ ago: number }>(
      sql`select extract(epoch from clock_timestamp() - last_seen_at)::float8 as ago from sessions`,
    )
    expect(Math.abs(rows[0]?.ago ?? Infinity)).toBeLessThan(600)
  },
)

test('touchSession() brings a use that is still to come, by a clock that was set back, to the present', async () => {
  await signedIn()
  const [session] = await database.db.select().from(sessions)
  await database.db.update(sessions).set({ lastSeenAt: sql`now() + interval '1 hour'` })
  await touchSession(database.db, session?.id ?? '')
  const { rows } = await database.db.execute(sql`select from sessions where last_seen_at < clock_timestamp()`)
  expect(rows).toHaveLength(1)
})

test('signOut() ends the session and says so in the audit log', async () => {
  const token = await signedIn()
  await signOut(database.db, token)
  await signOut(database.db, token)
  expect(await findSessionActor(database.db, token)).toBeNull()
  const actions = await database.db.select({ action: auditLog.action }).from(auditLog)
  expect(actions.map(({ action }) => action)).toEqual(['session.started', 'session.ended'])
})
