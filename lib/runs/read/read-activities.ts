import { asc, eq, type SQL, sql } from 'drizzle-orm'
import { activityRuns } from '@/drizzle/schema/runs'
import type { ReadDb } from '@/lib/db/client'
import type { CopyPlan, CopyReceipt } from '@/lib/protocol/copy-plan'

/** Files that a receipt names on the page; its download has them all. */
export const filesShown = 200

export type ActivityPlan = Omit<CopyPlan, 'parts' | 'engine' | 'snapshot'>

/** The activities of a run, without what only the engine needs. */
export async function readActivities(db: ReadDb, pipelineRunId: string) {
  return await db
    .select({
      id: activityRuns.id,
      name: activityRuns.name,
      status: activityRuns.status,
      phase: activityRuns.phase,
      spec: activityRuns.spec,
      runtimeId: activityRuns.runtimeId,
      failure: activityRuns.failure,
      cancelRequestedAt: activityRuns.cancelRequestedAt,
      startedAt: activityRuns.startedAt,
      endedAt: activityRuns.endedAt,
      plan: sql<ActivityPlan | null>`${activityRuns.plan} - 'parts' - 'engine' - 'snapshot'`,
      receipt: sql<CopyReceipt | null>`jsonb_set(${activityRuns.receipt}, '{filesWritten}',
        jsonb_path_query_array(${activityRuns.receipt}, ${`$.filesWritten[0 to ${filesShown - 1}]`}::jsonpath))`,
      rowsLeft: sql<string | null>`(select t.result -> 'result' ->> 'rowsLeft' from tasks t
        where t.activity_run_id = activity_runs.id and t.kind = 'cleanUpCopy' and t.state = 'succeeded')`,
      hadParts: sql<boolean>`exists (select 1 from tasks t
        where t.activity_run_id = activity_runs.id and t.kind = 'copyPart' and t.epoch > 0)`,
      fileCount: sql<number>`coalesce(jsonb_array_length(${activityRuns.receipt} -> 'filesWritten'), 0)`,
    })
    .from(activityRuns)
    .where(eq(activityRuns.pipelineRunId, pipelineRunId))
    .orderBy(asc(activityRuns.ordinal))
}

export type PartTotals = {
  total: number
  queued: number
  running: number
  succeeded: number
  failed: number
  cancelled: number
  /** Counts of rows and bytes travel as text: they may pass 2^53. */
  rows: string
  bytes: string
  /** What the parts are expected to come to; null where some part could not be estimated. */
  totalRows: string | null
  totalBytes: string | null
}

/** Parts by state, and what they have copied of what they are expected to copy, per activity. */
export async function readPartTotals(db: ReadDb, pipelineRunId: string): Promise<Map<string, PartTotals>> {
  const rows = await db
    .select({
      id: sql<string>`a.id`,
      total: sql<number>`count(p.*)::int`,
      queued: inState('queued'),
      running: inState('leased', 'committing'),
      succeeded: inState('succeeded'),
      failed: inState('failed'),
      cancelled: inState('cancelled'),
      rows: sql<string>`coalesce(sum((t.progress ->> 'rows')::numeric), 0)::text`,
      bytes: sql<string>`coalesce(sum((t.progress ->> 'bytes')::numeric), 0)::text`,
      totalRows: expected('Rows'),
      totalBytes: expected('Bytes'),
    })
    .from(
      sql`activity_runs a
        left join lateral jsonb_array_elements(a.plan -> 'parts') as p(part) on true
        left join tasks t on t.activity_run_id = a.id and t.kind = 'copyPart' and t.part_index = (p.part ->> 'index')::int`,
    )
    .where(sql`a.pipeline_run_id = ${pipelineRunId}`)
    .groupBy(sql`a.id`)
  return new Map(rows.map(({ id, ...totals }) => [id, totals]))
}

function inState(...states: string[]): SQL<number> {
  const names = sql.join(
    states.map((state) => sql`${state}`),
    sql`, `,
  )
  return sql`(count(*) filter (where t.state in (${names})))::int`
}

/** A finished part is as large as it was; an unfinished one is expected to be as large as estimated, or larger where it already is. */
function expected(what: 'Rows' | 'Bytes'): SQL<string | null> {
  const done = sql.raw(`(t.progress ->> '${what.toLowerCase()}')::numeric`)
  const estimate = sql.raw(
    `coalesce((t.progress ->> 'total${what}')::numeric, (p.part ->> 'estimated${what}')::numeric)`,
  )
  return sql`case when count(p.*) = count(coalesce(${estimate}, case when t.state = 'succeeded' then ${done} end)) and count(p.*) > 0
    then sum(case when t.state = 'succeeded' then ${done} else greatest(${estimate}, ${done}) end)::text end`
}
