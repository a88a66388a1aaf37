import { and, desc, eq } from 'drizzle-orm'
import { sessions, tenants, users } from '@/drizzle/schema/tenants'
import { requireUser } from '@/lib/account/self'
import { isLive, type UserActor } from '@/lib/auth/sessions'
import { type Context, requirePermission } from '@/lib/command'
import { clockMs } from '@/lib/db/clock'
import { sessionIdleMs } from '@/lib/auth/session-cookie'
import { notFound, unauthenticated } from '@/lib/errors'
import type { Role } from '@/lib/permissions'

export type Profile = {
  name: string
  email: string
  role: Role | null
  tenantName: string
  createdAt: Date
}
export type SessionRow = {
  id: string
  /** The one that asks. */
  current: boolean
  createdAt: Date
  lastSeenAt: Date
  expiresAt: Date
  userAgent: string
  address: string
}
/** How long the asking session still lasts. Spans, not times: the browser's clock may be wrong. */
export type SessionLeft = {
  userId: string
  /** Until it ends for want of use. */
  idleMs: number
  /** Until it ends in any case. */
  totalMs: number
}

export async function getProfile(ctx: Context): Promise<Profile> {
  const actor = requireSelf(ctx)
  const [found] = await ctx.db
    .select({ name: users.name, email: users.email, tenantName: tenants.name, createdAt: users.createdAt })
    .from(users)
    .innerJoin(tenants, eq(tenants.id, users.tenantId))
    .where(and(eq(users.id, actor.userId), eq(users.tenantId, actor.tenantId)))
  if (!found) throw notFound('the user', actor.email)
  return { ...found, role: actor.tenantRole }
}

/** A script may sign in by the hundred. */
const mostSessions = 100

/** Where this user is signed in now: the one that asks, then the newest use first. */
export async function listSessions(ctx: Context): Promise<SessionRow[]> {
  const actor = requireSelf(ctx)
  const { id, createdAt, lastSeenAt, expiresAt, userAgent, address } = sessions
  const rows = await ctx.db
    .select({ id, createdAt, lastSeenAt, expiresAt, userAgent, address })
    .from(sessions)
    .where(and(eq(sessions.userId, actor.userId), isLive()))
    .orderBy(desc(eq(id, actor.sessionId)), desc(lastSeenAt), desc(id))
    .limit(mostSessions)
  return rows.map((row) => ({ ...row, current: row.id === actor.sessionId }))
}

/** All of them, also those beyond the list. */
export async function countSessions(ctx: Context): Promise<number> {
  const actor = requireSelf(ctx)
  return await ctx.db.$count(sessions, and(eq(sessions.userId, actor.userId), isLive()))
}

export async function getSessionLeft(ctx: Context): Promise<SessionLeft> {
  const actor = requireSelf(ctx)
  const { lastSeenAt, expiresAt } = sessions
  const [found] = await ctx.db
    .select({ lastSeenAt, expiresAt, nowMs: clockMs })
    .from(sessions)
    .where(and(eq(sessions.id, actor.sessionId), eq(sessions.userId, actor.userId), isLive()))
  if (!found) throw unauthenticated()
  const { nowMs } = found
  return {
    userId: actor.userId,
    idleMs: Math.floor(found.lastSeenAt.getTime() + sessionIdleMs - nowMs),
    totalMs: Math.floor(found.expiresAt.getTime() - nowMs),
  }
}

function requireSelf(ctx: Context): UserActor {
  requirePermission(ctx, 'account.read', { tenantId: ctx.actor.tenantId })
  return requireUser(ctx.actor)
}
