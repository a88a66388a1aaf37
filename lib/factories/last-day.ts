import { and, eq, gt, isNull, or, sql } from 'drizzle-orm'
import { activityRuns, pipelineRuns } from '@/drizzle/schema/runs'
import type { ReadDb } from '@/lib/db/client'

export const lastDayHours = 24

/** What ended in the last 24 hours, in all and hour by hour, the oldest first. */
export type LastDay = {
  rows: string
  succeeded: number
  failed: number
  hourly: { rows: number[]; failed: number[]; running: number[] }
}

const dayAgo = sql`now() - interval '24 hours'`
/** A run that was under way in the last day, and with it every activity that ended then. */
const wasOpen = or(isNull(pipelineRuns.endedAt), gt(pipelineRuns.endedAt, dayAgo))
/** 0 for the present hour, counted back from now. */
const hoursAgo = (at: typeof pipelineRuns.endedAt | typeof activityRuns.endedAt) =>
  sql<number>`floor(extract(epoch from now() - ${at}) / 3600)::int`

/** Out of the runs themselves, so that it is as true for yesterday as for now. The caller has authorised. */
export async function readLastDay(db: ReadDb, factoryId: string): Promise<LastDay> {
  const ended = await db
    .select({
      hoursAgo: hoursAgo(pipelineRuns.endedAt),
      succeeded: sql<number>`count(*) filter (where ${pipelineRuns.status} = 'Succeeded')::int`,
      failed: sql<number>`count(*) filter (where ${pipelineRuns.status} = 'Failed')::int`,
    })
    .from(pipelineRuns)
    .where(and(eq(pipelineRuns.factoryId, factoryId), gt(pipelineRuns.endedAt, dayAgo)))
    .groupBy(sql`1`)
  const copied = await db
    .select({
      hoursAgo: hoursAgo(activityRuns.endedAt),
      rows: sql<string>`coalesce(sum((${activityRuns.receipt} ->> 'rowsWritten')::numeric), 0)::text`,
    })
    .from(activityRuns)
    .innerJoin(pipelineRuns, eq(pipelineRuns.id, activityRuns.pipelineRunId))
    .where(and(eq(pipelineRuns.factoryId, factoryId), wasOpen, gt(activityRuns.endedAt, dayAgo)))
    .groupBy(sql`1`)
  return {
    rows: copied.reduce((sum, { rows }) => sum + BigInt(rows), 0n).toString(),
    succeeded: ended.reduce((sum, { succeeded }) => sum + succeeded, 0),
    failed: ended.reduce((sum, { failed }) => sum + failed, 0),
    hourly: {
      rows: perHour(copied, ({ rows }) => Number(rows)),
      failed: perHour(ended, ({ failed }) => failed),
      running: perHour(await readRunning(db, factoryId), ({ running }) => running),
    },
  }
}

/** Runs that were under way at some time of each hour. */
async function readRunning(db: ReadDb, factoryId: string) {
  const hour = sql`generate_series(
    floor(greatest(0, extract(epoch from now() - coalesce(${pipelineRuns.endedAt}, now()))) / 3600)::int,
    least(${lastDayHours - 1}, floor(extract(epoch from now() - ${pipelineRuns.startedAt}) / 3600)::int))`
  return await db
    .select({ hoursAgo: sql<number>`${hour}`.as('hours_ago'), running: sql<number>`count(*)::int` })
    .from(pipelineRuns)
    .where(and(eq(pipelineRuns.factoryId, factoryId), sql`${pipelineRuns.startedAt} is not null`, wasOpen))
    .groupBy(sql`1`)
}

function perHour<Row extends { hoursAgo: number }>(rows: readonly Row[], of: (row: Row) => number): number[] {
  const hours = Array.from({ length: lastDayHours }, () => 0)
  for (const row of rows) {
    const index = lastDayHours - 1 - row.hoursAgo
    if (index >= 0 && index < lastDayHours) hours[index] = of(row)
  }
  return hours
}
