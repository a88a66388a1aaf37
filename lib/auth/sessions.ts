import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { and, eq, gt, isNull, lt, or, type SQL, sql } from 'drizzle-orm'
import { roleAssignments } from '@/drizzle/schema/access'
import { sessions, users } from '@/drizzle/schema/tenants'
import { sessionIdleMs, sessionMaxMs } from '@/lib/auth/session-cookie'
import type { Db, Tx } from '@/lib/db/client'
import { clock } from '@/lib/db/clock'
import type { Actor, Role } from '@/lib/permissions'

export type UserActor = Extract<Actor, { kind: 'user' }>

/** A session is written down at most this often, so that a page of many requests makes one write. */
const touchEveryMs = 60_000

/** By the database's clock: that of a portal may be set, and several portals need not agree. */
const inMs = (ms: number): SQL<Date> => sql`${clock} + ${ms} * interval '1 millisecond'`

/** Makes the row and answers the token that only the browser will know. */
export async function createSession(
  db: Db | Tx,
  userId: string,
  client: { userAgent: string; address: string },
): Promise<{ token: string; sessionId: string }> {
  const token = randomBytes(32).toString('base64url')
  const sessionId = randomUUID()
  await db.insert(sessions).values({
    id: sessionId,
    userId,
    tokenHash: hashToken(token),
    lastSeenAt: clock,
    expiresAt: inMs(sessionMaxMs),
    userAgent: client.userAgent.slice(0, 500),
    address: client.address.slice(0, 100),
  })
  return { token, sessionId }
}

/** Who holds this token now, with roles as they are now; null when the session has ended in any way. */
export async function findSessionActor(db: Db, token: string): Promise<UserActor | null> {
  const rows = await db
    .select({
      sessionId: sessions.id,
      lastSeenAt: sessions.lastSeenAt,
      userId: users.id,
      name: users.name,
      email: users.email,
      tenantId: users.tenantId,
      factoryId: roleAssignments.factoryId,
      role: roleAssignments.role,
    })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .leftJoin(roleAssignments, eq(roleAssignments.userId, users.id))
    .where(and(eq(sessions.tokenHash, hashToken(token)), isLive(), isNull(users.disabledAt)))
  const [first] = rows
  if (!first) return null
  const factoryRoles: Record<string, Role> = {}
  for (const { factoryId, role } of rows) if (factoryId && role) factoryRoles[factoryId] = role
  const { sessionId, userId, name, email, tenantId } = first
  const tenantRole = rows.find(({ factoryId, role }) => role && !factoryId)?.role ?? null
  return { kind: 'user', sessionId, userId, name, email, tenantId, tenantRole, factoryRoles }
}

/** Notes that somebody uses the portal: by a page, an action, or what components/auth/session-watch.tsx counts as use. */
export async function touchSession(db: Db, sessionId: string): Promise<void> {
  // A use that is still to come says that the clock was set back since.
  const isDue = or(lt(sessions.lastSeenAt, inMs(-touchEveryMs)), gt(sessions.lastSeenAt, inMs(touchEveryMs)))
  await db
    .update(sessions)
    .set({ lastSeenAt: clock })
    .where(and(eq(sessions.id, sessionId), isDue))
}

/** Ends the session of this token, if there is one: sign-out, and the old session at the next sign-in. */
export async function revokeSessionToken(db: Db | Tx, token: string): Promise<void> {
  await db
    .update(sessions)
    .set({ revokedAt: clock })
    .where(and(eq(sessions.tokenHash, hashToken(token)), isNull(sessions.revokedAt)))
}

/** Neither revoked, nor idle too long, nor older than a session may become. */
export function isLive() {
  return and(
    isNull(sessions.revokedAt),
    gt(sessions.expiresAt, clock),
    gt(sessions.lastSeenAt, inMs(-sessionIdleMs)),
  )
}

function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
