import { sql } from 'drizzle-orm'
import type { Db } from '@/lib/db/client'

/** Of the snapshots that a node keeps open, those that no copy reads any more. */
export async function findFinishedHolds(db: Db, holdIds: string[]): Promise<string[]> {
  if (holdIds.length === 0) return []
  const { rows } = await db.execute<{ id: string }>(sql`
    select hold.id from jsonb_array_elements_text(${JSON.stringify(holdIds)}::jsonb) as hold(id)
    where not exists (
      select from activity_runs where phase = 'copying' and (plan -> 'snapshot' ->> 'holdId') = hold.id)`)
  return rows.map(({ id }) => id)
}
