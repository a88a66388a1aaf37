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

/** A node that runs wild would fill the disk. As many as the log of a run gives out (lib/runs/queries.ts). */
export const mostLogLines = 100_000

/**
 * What tasks of an activity said, in the order in which each said it, until its log is full. Interactive requests keep no
 * log.
 */
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
  const kept = rows.length > 0 ? await withinLimit(db, rows) : []
  if (kept.length > 0) await db.insert(runLogs).values(kept)
}

type NewLine = typeof runLogs.$inferInsert

/** The last line that fits says that there were more. */
async function withinLimit(db: Db | Tx, lines: NewLine[]): Promise<NewLine[]> {
  const ids = [...new Set(lines.map(({ activityRunId }) => activityRunId))]
  const { rows } = await db.execute<{ id: string; kept: number }>(sql`
    select a.id, (select count(*) from (
      select from run_logs l where l.activity_run_id = a.id limit ${mostLogLines}) counted)::int as kept
    from (select jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb)::uuid as id) a`)
  return rows.flatMap(({ id, kept }) => {
    const said = lines.filter(({ activityRunId }) => activityRunId === id)
    const room = mostLogLines - kept
    const last = said[room - 1]
    if (said.length <= room || !last) return said.slice(0, Math.max(0, room))
    const full = `This log is full (${mostLogLines} lines): what nodes say from here on is not kept`
    return [...said.slice(0, room - 1), { ...last, level: 'warn' as const, message: full }]
  })
}
