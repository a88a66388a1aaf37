import { eq, inArray } from 'drizzle-orm'
import { activityRuns, pipelineRuns } from '@/drizzle/schema/runs'
import type { Tx } from '@/lib/db/client'

/**
 * One lock per pipeline run, taken before any of its activities and tasks is changed: then two completions never race,
 * and never wait for each other in a circle. `no key update` lets nodes go on adding samples and log lines meanwhile.
 */
export async function lockPipelineRun(tx: Tx, pipelineRunId: string): Promise<void> {
  await tx
    .select({ id: pipelineRuns.id })
    .from(pipelineRuns)
    .where(eq(pipelineRuns.id, pipelineRunId))
    .for('no key update')
}

/** The same, for whoever knows only the activity; answers the run, or null where both are gone. */
export async function lockRunOfActivity(tx: Tx, activityRunId: string): Promise<string | null> {
  const ofActivity = tx
    .select({ id: activityRuns.pipelineRunId })
    .from(activityRuns)
    .where(eq(activityRuns.id, activityRunId))
  const [run] = await tx
    .select({ id: pipelineRuns.id })
    .from(pipelineRuns)
    .where(inArray(pipelineRuns.id, ofActivity))
    .for('no key update')
  return run?.id ?? null
}
