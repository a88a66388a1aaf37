import { and, desc, eq, gte, lt, type SQL, sql } from 'drizzle-orm'
import { pipelineRuns } from '@/drizzle/schema/runs'
import type { ReadDb } from '@/lib/db/client'
import { Id } from '@/lib/protocol/scalars'
import { type RunFilters, runRanges, type RunStatus } from '@/lib/runs/schemas'

export type RunListItem = {
  id: string
  pipelineName: string
  status: RunStatus
  invokedBy: { type: 'Manual' | 'Retry'; name: string; runId?: string | undefined }
  message: string
  queuedAt: string
  startedAt: string | null
  endedAt: string | null
  activities: { total: number; ended: number }
  /** Rows and bytes so far, over all activities. */
  rows: string
  bytes: string
}
export type RunPage = {
  runs: RunListItem[]
  /** `before` of the next page; null at the end. */
  next: string | null
  /** Whether anything on the page may still change by itself soon. */
  live: boolean
}

const pageSize = 50

/** Runs of a factory, newest first, a page at a time. */
export async function listRunPage(
  db: ReadDb,
  factoryId: string,
  filters: RunFilters & { limit?: number | undefined },
): Promise<RunPage> {
  const limit = filters.limit ?? pageSize
  const rows = await db
    .select({
      id: pipelineRuns.id,
      pipelineName: pipelineRuns.pipelineName,
      status: pipelineRuns.status,
      invokedBy: pipelineRuns.invokedBy,
      message: pipelineRuns.message,
      queuedAt: pipelineRuns.queuedAt,
      startedAt: pipelineRuns.startedAt,
      endedAt: pipelineRuns.endedAt,
      total: sql<number>`(select count(*)::int from activity_runs a where a.pipeline_run_id = ${thisRun})`,
      ended: sql<number>`(select count(a.ended_at)::int from activity_runs a where a.pipeline_run_id = ${thisRun})`,
      rows: copied('rows'),
      bytes: copied('bytes'),
    })
    .from(pipelineRuns)
    .where(and(eq(pipelineRuns.factoryId, factoryId), ...conditions(filters)))
    .orderBy(desc(pipelineRuns.queuedAt), desc(pipelineRuns.id))
    .limit(limit + 1)
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return {
    runs: page.map(toItem),
    next: rows.length > limit && last ? cursorOf(last) : null,
    live: page.some(({ endedAt }) => endedAt === null),
  }
}

function conditions(filters: RunFilters): (SQL | undefined)[] {
  const { status, pipeline, pipelineId, range, from, to } = filters
  return [
    status ? eq(pipelineRuns.status, status) : undefined,
    pipeline ? sql`position(lower(${pipeline}) in lower(${pipelineRuns.pipelineName})) > 0` : undefined,
    pipelineId ? eq(pipelineRuns.pipelineId, pipelineId) : undefined,
    range ? gte(pipelineRuns.queuedAt, sql`now() - make_interval(hours => ${runRanges[range]})`) : undefined,
    from ? gte(pipelineRuns.queuedAt, new Date(from)) : undefined,
    to ? lt(pipelineRuns.queuedAt, new Date(to)) : undefined,
    filters.before ? before(filters.before) : undefined,
  ]
}

/** The key of a row in the list's order: `1700000000000_<id>`. */
function cursorOf(run: { queuedAt: Date; id: string }): string {
  return `${run.queuedAt.getTime()}_${run.id}`
}

const cursorShape = /^(\d{1,15})_(.{36})$/

function before(cursor: string): SQL | undefined {
  const [, millis, id] = cursorShape.exec(cursor) ?? []
  // From the address: what is no key is no place to go on from.
  if (millis === undefined || !Id.safeParse(id).success) return undefined
  const queuedAt = new Date(Number(millis))
  // Compared as a whole, so that an index finds the place of a page far back.
  return sql`(${pipelineRuns.queuedAt}, ${pipelineRuns.id}) < (${queuedAt}, ${id}::uuid)`
}

/** Written out: drizzle leaves the table's name away in the columns of a select from one table. */
const thisRun = sql.raw('pipeline_runs.id')

/** What the receipt says, and until there is one, what the newest sample says. */
function copied(what: 'rows' | 'bytes'): SQL<string> {
  const inReceipt = sql.raw(what === 'rows' ? 'rowsWritten' : 'bytesWritten')
  const column = sql.raw(what)
  return sql`(select coalesce(sum(coalesce((a.receipt ->> '${inReceipt}')::numeric,
      (select s.${column} from run_samples s where s.activity_run_id = a.id order by s.at desc limit 1))), 0)::text
    from activity_runs a where a.pipeline_run_id = ${thisRun})`
}

function toItem(row: {
  id: string
  pipelineName: string
  status: RunStatus
  invokedBy: RunListItem['invokedBy']
  message: string
  queuedAt: Date
  startedAt: Date | null
  endedAt: Date | null
  total: number
  ended: number
  rows: string
  bytes: string
}): RunListItem {
  const { total, ended, invokedBy, ...rest } = row
  return {
    ...rest,
    invokedBy: { type: invokedBy.type, name: invokedBy.name, runId: invokedBy.runId },
    queuedAt: row.queuedAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null,
    endedAt: row.endedAt?.toISOString() ?? null,
    activities: { total, ended },
  }
}
