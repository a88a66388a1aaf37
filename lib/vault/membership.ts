import { asc, eq } from 'drizzle-orm'
import { membershipLog } from '@/drizzle/schema/vault'
import type { Db, Tx } from '@/lib/db/client'
import { followLog, type Membership, noMembership } from '@/lib/protocol/membership'

/** Who may read the runtime's credentials, by its log. */
export async function readMembership(db: Db | Tx, runtimeId: string): Promise<Membership> {
  const rows = await db
    .select({ entry: membershipLog.entry })
    .from(membershipLog)
    .where(eq(membershipLog.runtimeId, runtimeId))
    .orderBy(asc(membershipLog.seq))
  return await followLog(
    noMembership,
    rows.map(({ entry }) => entry),
    runtimeId,
  )
}
