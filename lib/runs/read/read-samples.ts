import { sql } from 'drizzle-orm'
import type { ReadDb } from '@/lib/db/client'
import type { Sample } from '@/lib/runs/read/progress'

/** More points than a chart has pixels help nobody. */
const pointsShown = 600

/** Rows and bytes over time per activity: at most so many points, always with the first and the last. */
export async function readSamples(
  db: ReadDb,
  activityRunIds: readonly string[],
): Promise<Map<string, Sample[]>> {
  const ids = JSON.stringify(activityRunIds)
  const rows = await db
    .select({
      activityRunId: sql<string>`s.activity_run_id`,
      atMs: sql<string>`(extract(epoch from s.at) * 1000)::bigint`,
      rows: sql<string>`s.rows`,
      bytes: sql<string>`s.bytes`,
    })
    .from(
      sql`(select *, row_number() over newest as back, count(*) over (partition by activity_run_id) as total
        from run_samples
        where activity_run_id in (select jsonb_array_elements_text(${ids}::jsonb)::uuid)
        window newest as (partition by activity_run_id order by at desc)) s`,
    )
    .where(sql`(s.back - 1) % (s.total / ${pointsShown} + 1) = 0 or s.back = s.total`)
    .orderBy(sql`s.activity_run_id, s.at`)
  const byActivity = new Map<string, Sample[]>(activityRunIds.map((id) => [id, []]))
  for (const { activityRunId, atMs, rows: count, bytes } of rows)
    byActivity.get(activityRunId)?.push({ atMs: Number(atMs), rows: Number(count), bytes: Number(bytes) })
  return byActivity
}
