import { and, eq, sql } from 'drizzle-orm'
import { pipelines } from '@/drizzle/schema/authoring'
import { factories } from '@/drizzle/schema/factories'
import { pipelineRuns } from '@/drizzle/schema/runs'
import type { ReadDb } from '@/lib/db/client'
import { notFound } from '@/lib/errors'
import { PipelineDefinition } from '@/lib/pipelines/schemas'
import { activityDetail, type RunActivity } from '@/lib/runs/read/activity-detail'
import { readActivities, readPartTotals } from '@/lib/runs/read/read-activities'
import { readRetryHindrances, type RetryHindrances } from '@/lib/runs/read/read-hindrances'
import { readLog, type RunLogLine } from '@/lib/runs/read/read-log'
import {
  readAttempts,
  readNodes,
  readParts,
  readRunning,
  readStepProgress,
  type RunAttempt,
  type RunPart,
} from '@/lib/runs/read/read-parts'
import { readWaiting } from '@/lib/runs/read/read-waiting'
import { readSilent } from '@/lib/runs/read/read-silent'
import { readSamples } from '@/lib/runs/read/read-samples'
import type { RunStatus, RunView } from '@/lib/runs/schemas'
import { type Phrase, tellRun } from '@/lib/runs/read/sentence'

export type RunDetail = {
  id: string
  factoryId: string
  factoryName: string
  /** Null where the pipeline was deleted, or never saved. */
  pipelineId: string | null
  pipelineName: string
  status: RunStatus
  invokedBy: { type: 'Manual' | 'Retry'; name: string; runId?: string | undefined }
  /** Null where nobody asked to cancel it. */
  cancelledBy: string | null
  cancelRequestedAt: string | null
  queuedAt: string
  startedAt: string | null
  endedAt: string | null
  /** The portal's clock when this was read. */
  at: string
  sentence: Phrase[]
  activities: RunActivity[]
  hindrances: RetryHindrances
  /** The activity whose parts are shown. */
  shown: { activityId: string | null; parts: RunPart[]; from: number }
  attempts: RunAttempt[]
  nodes: { id: string; name: string; runtimeId: string }[]
  log: RunLogLine[]
  definition: PipelineDefinition
}

const logLinesShown = 300

/** Everything that the page of a run shows, in one answer. */
export async function readRunDetail(
  db: ReadDb,
  { tenantId, pipelineRunId }: { tenantId: string; pipelineRunId: string },
  view: RunView,
): Promise<RunDetail> {
  const { presentDefinition, ...run } = await readRun(db, tenantId, pipelineRunId)
  const rows = await readActivities(db, pipelineRunId)
  const ids = rows.map(({ id }) => id)
  const totals = await readPartTotals(db, pipelineRunId)
  const samples = await readSamples(db, ids)
  const steps = await readStepProgress(db, ids)
  const running = await readRunning(db, ids)
  const waiting = await readWaiting(
    db,
    ids.filter((id) => !running.has(id)),
  )
  const silent = await readSilent(db, [...running])
  const activities = rows.map((row) =>
    activityDetail(
      row,
      {
        totals: totals.get(row.id),
        samples: samples.get(row.id) ?? [],
        step: steps.get(row.id),
        waiting: waiting.get(row.id),
        silent: silent.get(row.id),
      },
      run.at.getTime(),
    ),
  )
  const activity = shownActivity(activities, view)
  const parts = activity ? await readParts(db, activity.id, view.parts) : []
  const indexes = parts.map(({ index }) => index)
  const runtimeIds = [...new Set(rows.flatMap(({ runtimeId }) => runtimeId ?? []))]
  return {
    ...run,
    queuedAt: run.queuedAt.toISOString(),
    startedAt: run.startedAt?.toISOString() ?? null,
    endedAt: run.endedAt?.toISOString() ?? null,
    at: run.at.toISOString(),
    invokedBy: { type: run.invokedBy.type, name: run.invokedBy.name, runId: run.invokedBy.runId },
    cancelledBy: run.cancelledBy?.name ?? null,
    cancelRequestedAt: run.cancelRequestedAt?.toISOString() ?? null,
    sentence: tellRun({ ...run, activities: activities.map(told) }),
    activities,
    hindrances: await readRetryHindrances(db, { ...run, definition: presentDefinition, activities: rows }),
    shown: { activityId: activity?.id ?? null, parts, from: view.parts },
    attempts: await readAttempts(db, ids, activity ? { activityRunId: activity.id, indexes } : null),
    nodes: await readNodes(db, runtimeIds),
    log: await readLog(db, pipelineRunId, { level: view.level, limit: logLinesShown }),
  }
}

async function readRun(db: ReadDb, tenantId: string, pipelineRunId: string) {
  const [run] = await db
    .select({
      id: pipelineRuns.id,
      factoryId: pipelineRuns.factoryId,
      factoryName: factories.name,
      pipelineId: pipelineRuns.pipelineId,
      pipelineName: sql<string>`coalesce(${pipelines.name}, ${pipelineRuns.pipelineName})`,
      status: pipelineRuns.status,
      invokedBy: pipelineRuns.invokedBy,
      cancelledBy: pipelineRuns.cancelledBy,
      cancelRequestedAt: pipelineRuns.cancelRequestedAt,
      queuedAt: pipelineRuns.queuedAt,
      startedAt: pipelineRuns.startedAt,
      endedAt: pipelineRuns.endedAt,
      definition: pipelineRuns.definition,
      presentDefinition: pipelines.definition,
      atMs: sql<string>`(extract(epoch from clock_timestamp()) * 1000)::bigint`,
    })
    .from(pipelineRuns)
    .innerJoin(factories, eq(factories.id, pipelineRuns.factoryId))
    .leftJoin(pipelines, eq(pipelines.id, pipelineRuns.pipelineId))
    .where(and(eq(pipelineRuns.id, pipelineRunId), eq(pipelineRuns.tenantId, tenantId)))
  if (!run) throw notFound('the run', pipelineRunId)
  const { atMs, ...rest } = run
  // Database JSON has an order of its own; people read Data Factory's.
  const definition = PipelineDefinition.parse(rest.definition)
  const present = rest.presentDefinition
  const presentDefinition = present ? PipelineDefinition.parse(present) : definition
  return { ...rest, definition, presentDefinition, at: new Date(Number(atMs)) }
}

/** The one that was asked for, or the one that needs looking at, or the first. */
function shownActivity(activities: readonly RunActivity[], view: RunView): RunActivity | undefined {
  return (
    activities.find(({ name }) => name === view.activity) ??
    activities.find(({ failure }) => failure !== null) ??
    activities.find(({ endedAt, startedAt }) => startedAt !== null && endedAt === null) ??
    activities[0]
  )
}

function told(activity: RunActivity) {
  const { name, status, phase, receipt } = activity
  const ends = { source: activity.source.what, sink: activity.sink.what }
  return { name, status, phase, receipt, ...ends }
}
