import { asc, eq } from 'drizzle-orm'
import { membershipLog } from '@/drizzle/schema/vault'
import type { Db, Tx } from '@/lib/db/client'
import { type Membership, replayLog } from '@/lib/protocol/membership'

/** Who may read the runtime's credentials, by its log, of which every entry was verified when it was appended. */
export async function readMembership(db: Db | Tx, runtimeId: string): Promise<Membership> {
  const rows = await db
    .select({ entry: membershipLog.entry })
    .from(membershipLog)
    .where(eq(membershipLog.runtimeId, runtimeId))
    .orderBy(asc(membershipLog.seq))
  return replayLog(rows.map(({ entry }) => entry))
}
