import { and, isNull, lt, or, sql } from 'drizzle-orm'
import { rateLimits, sessions } from '@/drizzle/schema/tenants'
import { forgetAfterMs } from '@/lib/auth/throttle'
import type { Db } from '@/lib/db/client'

/** Long enough to look at in the database after an incident; the audit log keeps who was signed in, for ever. */
const sessionsKeptDays = 30

/**
 * Sessions that are long over, and counters that count no more: anybody can make a counter, by trying to sign in as
 * somebody who does not exist.
 */
export async function forgetOldSignIns(db: Db): Promise<void> {
  await db
    .delete(sessions)
    .where(lt(sessions.expiresAt, sql`now() - make_interval(days => ${sessionsKeptDays})`))
  await db
    .delete(rateLimits)
    .where(
      and(
        lt(rateLimits.updatedAt, new Date(Date.now() - forgetAfterMs)),
        or(isNull(rateLimits.blockedUntil), lt(rateLimits.blockedUntil, new Date())),
      ),
    )
}
