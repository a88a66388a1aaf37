import { and, asc, eq, isNull, ne } from 'drizzle-orm'
import { activityRuns, pipelineRuns, runLogs } from '@/drizzle/schema/runs'
import { command } from '@/lib/command'
import type { Tx } from '@/lib/db/client'
import { clock } from '@/lib/db/clock'
import { conflict, notFound } from '@/lib/errors'
import type { Actor } from '@/lib/permissions'
import { advanceActivity } from '@/lib/runs/activity/advance'
import { invoker } from '@/lib/runs/invoker'
import { hasEnded } from '@/lib/runs/pipeline-status'
import { lockPipelineRun } from '@/lib/runs/run-lock'
import { CancelPipelineRunInput } from '@/lib/runs/schemas'
import { runScope } from '@/lib/runs/scope'
import { type Wake, wake } from '@/lib/tasks/wake'

/**
 * Cancels what runs; for a run that has failed, removes what its parts left at the sink for a resume. Nodes are told to
 * stop and are waited for, so the run is Canceling until no task can write any more.
 */
export const cancelPipelineRun = command({
  permission: 'runs.cancel',
  input: CancelPipelineRunInput,
  scope: (tx, { pipelineRunId }, actor) => runScope(tx, actor, pipelineRunId),
  async run(tx, { pipelineRunId }, actor) {
    await lockPipelineRun(tx, pipelineRunId)
    const [run] = await tx.select().from(pipelineRuns).where(eq(pipelineRuns.id, pipelineRunId))
    if (!run) throw notFound('the run', pipelineRunId)
    const asked = await askToStop(tx, pipelineRunId, actor)
    if (asked.length === 0) throw conflict(nothingToCancel(run))
    if (!hasEnded(run.status)) await noteWhoCancelled(tx, pipelineRunId, actor)
    const wakes: Wake[] = []
    for (const id of asked) wakes.push(...(await advanceActivity(tx, id)).wake)
    return {
      result: { pipelineRunId },
      audit: {
        action: hasEnded(run.status) ? 'run.discarded' : 'run.cancelled',
        factoryId: run.factoryId,
        entityId: pipelineRunId,
        entityName: run.pipelineName,
        before: { status: run.status },
      },
      after: () => wake(wakes),
    }
  },
})

/** Marks every activity that still has something to stop or to remove; answers them in their order. */
async function askToStop(tx: Tx, pipelineRunId: string, actor: Actor): Promise<string[]> {
  const unasked = await tx
    .select({ id: activityRuns.id, phase: activityRuns.phase })
    .from(activityRuns)
    .where(
      and(
        eq(activityRuns.pipelineRunId, pipelineRunId),
        isNull(activityRuns.cancelRequestedAt),
        ne(activityRuns.phase, 'ended'),
      ),
    )
    .orderBy(asc(activityRuns.ordinal))
  const { name } = invoker(actor)
  for (const { id, phase } of unasked) {
    const isKept = phase === 'kept'
    await tx
      .update(activityRuns)
      .set({ cancelRequestedAt: clock, ...(isKept ? {} : { status: 'Canceling' }) })
      .where(eq(activityRuns.id, id))
    const message = isKept ? `${name} asked to remove what was kept` : `${name} asked to cancel`
    await tx.insert(runLogs).values({ activityRunId: id, at: clock, level: 'info', message })
  }
  return unasked.map(({ id }) => id)
}

async function noteWhoCancelled(tx: Tx, pipelineRunId: string, actor: Actor): Promise<void> {
  await tx
    .update(pipelineRuns)
    .set({ cancelledBy: invoker(actor), cancelRequestedAt: clock })
    .where(eq(pipelineRuns.id, pipelineRunId))
}

function nothingToCancel(run: { status: string; pipelineName: string }): string {
  if (run.status === 'Canceling') return `The run of "${run.pipelineName}" is being cancelled already`
  return `The run of "${run.pipelineName}" has ended (${run.status}): there is nothing to cancel`
}
