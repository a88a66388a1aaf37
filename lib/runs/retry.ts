import { asc, eq } from 'drizzle-orm'
import { pipelines } from '@/drizzle/schema/authoring'
import { activityRuns, pipelineRuns } from '@/drizzle/schema/runs'
import { command } from '@/lib/command'
import type { Tx } from '@/lib/db/client'
import { conflict, notFound } from '@/lib/errors'
import type { Actor } from '@/lib/permissions'
import { PipelineDefinition } from '@/lib/pipelines/schemas'
import { advanceActivity, settlePipelineRun } from '@/lib/runs/activity/advance'
import { beginRun } from '@/lib/runs/begin-run'
import { invoker } from '@/lib/runs/invoker'
import { hasEnded } from '@/lib/runs/pipeline-status'
import { resumeActivity } from '@/lib/runs/activity/resume-activity'
import { lockPipelineRun } from '@/lib/runs/run-lock'
import { RetryPipelineRunInput } from '@/lib/runs/schemas'
import { runScope } from '@/lib/runs/scope'
import { type Wake, wake } from '@/lib/tasks/wake'

type RunRow = typeof pipelineRuns.$inferSelect

/**
 * `resume` goes on within the same run: activities that succeeded stay, and what finished parts wrote is used where it
 * still waits at the sink. `restart` begins a new run of the pipeline as it is now.
 */
export const retryPipelineRun = command({
  permission: 'runs.start',
  input: RetryPipelineRunInput,
  scope: (tx, { pipelineRunId }, actor) => runScope(tx, actor, pipelineRunId),
  async run(tx, { pipelineRunId, mode }, actor) {
    await lockPipelineRun(tx, pipelineRunId)
    const [run] = await tx.select().from(pipelineRuns).where(eq(pipelineRuns.id, pipelineRunId))
    if (!run) throw notFound('the run', pipelineRunId)
    const retried = mode === 'resume' ? await resume(tx, run) : await restart(tx, run, actor)
    return {
      result: { pipelineRunId: retried.pipelineRunId },
      audit: {
        action: mode === 'resume' ? 'run.resumed' : 'run.restarted',
        factoryId: run.factoryId,
        entityId: pipelineRunId,
        entityName: run.pipelineName,
        before: { status: run.status },
        after: { pipelineRunId: retried.pipelineRunId },
      },
      after: () => wake(retried.wake),
    }
  },
})

type Retried = { pipelineRunId: string; wake: readonly Wake[] }

async function resume(tx: Tx, run: RunRow): Promise<Retried> {
  requireEnded(run, 'resume')
  if (run.status === 'Succeeded')
    throw conflict(`The run of "${run.pipelineName}" has succeeded: there is nothing to resume`)
  const activities = await tx
    .select()
    .from(activityRuns)
    .where(eq(activityRuns.pipelineRunId, run.id))
    .orderBy(asc(activityRuns.ordinal))
  const unfinished = activities.filter(({ status }) => status !== 'Succeeded')
  for (const activity of unfinished) await resumeActivity(tx, activity)
  // It goes on: whoever stopped it before is history, which the log and the audit log keep.
  await tx
    .update(pipelineRuns)
    .set({ cancelledBy: null, cancelRequestedAt: null })
    .where(eq(pipelineRuns.id, run.id))
  const wakes: Wake[] = []
  for (const { id } of unfinished) wakes.push(...(await advanceActivity(tx, id)).wake)
  await settlePipelineRun(tx, run.id)
  return { pipelineRunId: run.id, wake: wakes }
}

async function restart(tx: Tx, run: RunRow, actor: Actor): Promise<Retried> {
  requireEnded(run, 'restart')
  const current = run.pipelineId === null ? undefined : await findPipeline(tx, run.pipelineId)
  return await beginRun(tx, {
    tenantId: run.tenantId,
    factoryId: run.factoryId,
    pipelineId: current?.id ?? null,
    pipelineName: current?.name ?? run.pipelineName,
    definition: PipelineDefinition.parse(current?.definition ?? run.definition),
    invokedBy: { type: 'Retry', ...invoker(actor), runId: run.id },
  })
}

async function findPipeline(tx: Tx, pipelineId: string) {
  const [pipeline] = await tx.select().from(pipelines).where(eq(pipelines.id, pipelineId)).for('share')
  return pipeline
}

function requireEnded(run: RunRow, verb: string): void {
  if (hasEnded(run.status)) return
  throw conflict(`Cannot ${verb} the run of "${run.pipelineName}": it is still ${run.status}`)
}
