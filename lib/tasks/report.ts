import { sql } from 'drizzle-orm'
import { runLogs } from '@/drizzle/schema/runs'
import type { Db, Tx } from '@/lib/db/client'
import type { z } from 'zod'
import type { LogLine } from '@/lib/protocol/task'

/** `run_samples` counts in bigint, while a node may say up to 20 digits. */
const largest = sql`9223372036854775807`

/**
 * Adds up the parts of each activity into one sample per second, for the throughput chart. Within a second the first one
 * counts, so that thousands of small parts do not add up thousands of parts each; the last part corrects it.
 */
export async function sampleActivities(db: Db | Tx, activityRunIds: string[]): Promise<void> {
  if (activityRunIds.length === 0) return
  await db.execute(sql`
    with due as (
      select a.id, date_trunc('second', clock_timestamp()) as at
      from (select jsonb_array_elements_text(${JSON.stringify(activityRunIds)}::jsonb)::uuid as id) a
      where not exists (
          select from run_samples s where s.activity_run_id = a.id and s.at = date_trunc('second', clock_timestamp()))
        or not exists (
          select from tasks t where t.activity_run_id = a.id and t.kind = 'copyPart'
            and t.state in ('queued', 'leased', 'committing')))
    insert into run_samples (activity_run_id, at, rows, bytes)
    select due.id, due.at, least(${largest}, sum((t.progress ->> 'rows')::numeric))::bigint,
      least(${largest}, sum((t.progress ->> 'bytes')::numeric))::bigint
    from due join tasks t on t.activity_run_id = due.id and t.kind = 'copyPart' and t.progress is not null
    group by due.id, due.at order by due.id
    on conflict (activity_run_id, at) do update set rows = excluded.rows, bytes = excluded.bytes`)
}

/** What tasks of an activity said, in the order in which each said it. Interactive requests keep no log. */
export async function keepLog(
  db: Db | Tx,
  source: { nodeName: string },
  entries: { activityRunId: string; taskId: string; lines: z.infer<typeof LogLine>[] }[],
): Promise<void> {
  const rows = entries.flatMap(({ activityRunId, taskId, lines }) =>
    lines.map(({ at, level, message }) => ({
      activityRunId,
      taskId,
      nodeName: source.nodeName,
      at: new Date(at),
      level,
      message,
    })),
  )
  if (rows.length > 0) await db.insert(runLogs).values(rows)
}
