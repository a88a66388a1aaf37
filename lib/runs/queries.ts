import { and, asc, eq } from 'drizzle-orm'
import { activityRuns } from '@/drizzle/schema/runs'
import { type Context, requirePermission } from '@/lib/command'
import { notFound } from '@/lib/errors'
import type { CopyReceipt } from '@/lib/protocol/copy-plan'
import { Id } from '@/lib/protocol/scalars'
import { describeSink, describeSource } from '@/lib/runs/resolve/describe-copy'
import { listRunPage, type RunPage } from '@/lib/runs/read/list-runs'
import { readLog, type RunLogLine } from '@/lib/runs/read/read-log'
import { readRunDetail, type RunDetail } from '@/lib/runs/read/run-detail'
import type { RunFilters, RunView } from '@/lib/runs/schemas'
import { runScope } from '@/lib/runs/scope'

/** Runs of a factory, newest first. */
export async function listRuns(
  ctx: Context,
  factory: { id: string; tenantId: string },
  filters: RunFilters & { limit?: number | undefined },
): Promise<RunPage> {
  requirePermission(ctx, 'runs.read', { tenantId: factory.tenantId, factoryId: factory.id })
  return await listRunPage(ctx.db, factory.id, filters)
}

/** One run with its activities, parts, attempts, rates and the end of its log. */
export async function getRun(ctx: Context, pipelineRunId: string, view: RunView): Promise<RunDetail> {
  const { tenantId } = await requireRun(ctx, pipelineRunId)
  return await readRunDetail(ctx.db, { tenantId, pipelineRunId }, view)
}

/** The whole log, for reading elsewhere. */
export async function getRunLog(ctx: Context, pipelineRunId: string): Promise<RunLogLine[]> {
  await requireRun(ctx, pipelineRunId)
  return await readLog(ctx.db, pipelineRunId, { level: 'debug', limit: longestLog })
}

/** A log that is longer keeps its end. */
const longestLog = 100_000

export type ActivityReceipt = {
  pipelineRunId: string
  activityRunId: string
  activity: string
  source: string
  sink: string
  startedAt: string | null
  endedAt: string | null
  receipt: CopyReceipt
}

/** The receipts of a run's activities, complete with every file. */
export async function getReceipts(ctx: Context, pipelineRunId: string): Promise<ActivityReceipt[]> {
  await requireRun(ctx, pipelineRunId)
  const rows = await ctx.db
    .select()
    .from(activityRuns)
    .where(and(eq(activityRuns.pipelineRunId, pipelineRunId), eq(activityRuns.status, 'Succeeded')))
    .orderBy(asc(activityRuns.ordinal))
  if (rows.length === 0) throw notFound('a receipt of the run', pipelineRunId)
  return rows.flatMap(({ id, name, spec, receipt, startedAt, endedAt }) =>
    receipt
      ? [
          {
            pipelineRunId,
            activityRunId: id,
            activity: name,
            source: describeSource(spec.source),
            sink: describeSink(spec.sink),
            startedAt: startedAt?.toISOString() ?? null,
            endedAt: endedAt?.toISOString() ?? null,
            receipt,
          },
        ]
      : [],
  )
}

async function requireRun(ctx: Context, pipelineRunId: string) {
  // The address is typed by people too: what is no id names no run.
  if (!Id.safeParse(pipelineRunId).success) throw notFound('the run', pipelineRunId)
  const scope = await runScope(ctx.db, ctx.actor, pipelineRunId)
  requirePermission(ctx, 'runs.read', scope)
  return scope
}
