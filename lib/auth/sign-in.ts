import { and, eq, sql } from 'drizzle-orm'
import { sessions, users } from '@/drizzle/schema/tenants'
import { appendAudit } from '@/lib/audit/append'
import { verifyPassword } from '@/lib/auth/password'
import { createSession, findSessionActor, revokeSessionToken } from '@/lib/auth/sessions'
import { accountKey, addressKey, countAttempt, takeBackAttempt } from '@/lib/auth/throttle'
import type { Db } from '@/lib/db/client'
import { log } from '@/lib/log'

export type SignInClient = { userAgent: string; address: string; previousToken: string | null }
export type SignInOutcome =
  | { ok: true; userId: string; token: string }
  | { ok: false; reason: 'wrong' }
  | { ok: false; reason: 'wait'; waitMs: number }

/** The same answer in the same time for an unknown user, a disabled one and a wrong password. */
export async function signIn(
  db: Db,
  credentials: { email: string; password: string },
  client: SignInClient,
): Promise<SignInOutcome> {
  const account = accountKey('sign-in', credentials.email)
  const address = addressKey('sign-in', client.address)
  // Where the user has been signed in before, only that address counts: strangers elsewhere could keep the account waiting for ever.
  const counted = (await isAtHome(db, credentials.email, client)) ? [address] : [address, account]
  const waitMs = await countAttempt(db, counted)
  if (waitMs > 0) return { ok: false, reason: 'wait', waitMs }
  const [user] = await db.select().from(users).where(isNamed(credentials.email))
  const right = await verifyPassword(credentials.password, user?.passwordHash ?? null)
  if (!right || !user || user.disabledAt) {
    log.warn({ account: account.slice(-12), address: client.address }, 'sign-in refused')
    return { ok: false, reason: 'wrong' }
  }
  await takeBackAttempt(db, account, [address])
  return { ok: true, userId: user.id, token: await startSession(db, user, client) }
}

function isNamed(email: string) {
  return eq(sql`lower(${users.email})`, email.trim().toLowerCase())
}

/** Sessions are kept for a month (forget.ts). */
async function isAtHome(db: Db, email: string, { address }: SignInClient): Promise<boolean> {
  const [session] = await db
    .select({ id: sessions.id })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(and(isNamed(email), eq(sessions.address, address)))
    .limit(1)
  return session !== undefined
}

/** A new session each time; the one that this browser had before ends. */
async function startSession(
  db: Db,
  user: { id: string; tenantId: string; name: string; email: string },
  client: SignInClient,
): Promise<string> {
  return await db.transaction(async (tx) => {
    if (client.previousToken) await revokeSessionToken(tx, client.previousToken)
    const { token, sessionId } = await createSession(tx, user.id, client)
    const { id: userId, tenantId, name, email } = user
    const actor = {
      kind: 'user',
      userId,
      tenantId,
      name,
      email,
      sessionId,
      tenantRole: null,
      factoryRoles: {},
    } as const
    await appendAudit(tx, actor, {
      action: 'session.started',
      entityId: userId,
      entityName: email,
      after: { sessionId, address: client.address },
    })
    return token
  })
}

/** Ends the session of this browser. */
export async function signOut(db: Db, token: string): Promise<void> {
  const actor = await findSessionActor(db, token)
  if (!actor) return
  await db.transaction(async (tx) => {
    await revokeSessionToken(tx, token)
    await appendAudit(tx, actor, {
      action: 'session.ended',
      entityId: actor.userId,
      entityName: actor.email,
      after: { sessionId: actor.sessionId, by: 'sign-out' },
    })
  })
}
