import { createHash } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { eq, inArray, sql } from 'drizzle-orm'
import { rateLimits } from '@/drizzle/schema/tenants'
import type { Db } from '@/lib/db/client'

/** After so many failures each further one doubles the wait; nobody is ever locked out for good (ASVS 5.0, 6.1.1). */
export const freeFailures = 5
const firstWaitMs = 5_000
export const maxWaitMs = 15 * 60_000
/** By so much the clocks of several portals may differ. */
const slackMs = 60_000
/** Failures are forgotten when none was added for this long. */
export const forgetAfterMs = 30 * 60_000

/**
 * Counts an attempt as failed before it is made, so that parallel guesses cannot outrun the count; `takeBackAttempt`
 * follows where it was right. Answers 0, or how long to wait: then the attempt must not be made. A key that is blocked
 * keeps the later ones uncounted: put the address before the account, or a stranger could keep a user waiting for ever.
 */
export async function countAttempt(db: Db, keys: readonly string[]): Promise<number> {
  for (const key of keys) {
    const waitMs = await countOne(db, key)
    if (waitMs > 0) return waitMs
  }
  return 0
}

/** Forgets the failures of `cleared`; of the others only the attempt that turned out right. */
export async function takeBackAttempt(db: Db, cleared: string, others: readonly string[]): Promise<void> {
  await db.delete(rateLimits).where(eq(rateLimits.key, cleared))
  if (others.length === 0) return
  await db
    .update(rateLimits)
    .set({ failures: sql`greatest(${rateLimits.failures} - 1, 0)`, blockedUntil: null })
    .where(inArray(rateLimits.key, [...others]))
}

/** The address itself for IPv4; the /64 for IPv6, which is what one customer has. */
export function addressKey(purpose: string, address: string): string {
  return `${purpose}:address:${isIPv6(address) ? networkOf(address) : address}`
}
/** Hashed: what people type into the field need not be an address of theirs, and need not be kept. */
export function accountKey(purpose: string, email: string): string {
  return `${purpose}:account:${createHash('sha256').update(email.trim().toLowerCase()).digest('hex')}`
}

async function countOne(db: Db, key: string): Promise<number> {
  const now = new Date()
  const { failures, blockedUntil, updatedAt } = rateLimits
  const counted = sql`case when ${updatedAt} < ${new Date(now.getTime() - forgetAfterMs)} then 1 else ${failures} + 1 end`
  // The exponent is capped before it is used: 5 s doubled eight times is past the cap of 15 min.
  const waitMs = sql`least(${maxWaitMs}::int, ${firstWaitMs}::int * (2 ^ least(${counted} - ${freeFailures}::int, 8)))`
  const [row] = await db
    .insert(rateLimits)
    .values({ key, failures: 1, updatedAt: now })
    .onConflictDoUpdate({
      target: rateLimits.key,
      set: {
        failures: counted,
        blockedUntil: sql`case when ${counted} < ${freeFailures}::int then null else ${now}::timestamptz + ${waitMs} * interval '1 millisecond' end`,
        updatedAt: now,
      },
      // A wait longer than any that is given: the clock was set back since.
      setWhere: sql`${blockedUntil} is null or ${blockedUntil} <= ${now} or ${blockedUntil} > ${new Date(now.getTime() + maxWaitMs + slackMs)}`,
    })
    .returning({ failures })
  if (row) return 0
  const [blocked] = await db.select({ blockedUntil }).from(rateLimits).where(eq(rateLimits.key, key))
  return Math.max(1, (blocked?.blockedUntil?.getTime() ?? 0) - now.getTime())
}

function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped?.[1]) return mapped[1]
  const [head = '', tail] = address.toLowerCase().split('%')[0]?.split('::') ?? []
  const start = head ? head.split(':') : []
  const end = tail ? tail.split(':') : []
  const zeros = Array.from({ length: tail === undefined ? 0 : 8 - start.length - end.length }, () => '0')
  return `${[...start, ...zeros, ...end].slice(0, 4).join(':')}::/64`
}
