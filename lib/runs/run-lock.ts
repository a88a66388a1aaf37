import { eq, sql } from 'drizzle-orm'
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

/** The same, for whoever knows only the activity. */
export async function lockRunOfActivity(tx: Tx, activityRunId: string): Promise<void> {
  await tx
    .select({ id: pipelineRuns.id })
    .from(pipelineRuns)
    .where(
      sql`${pipelineRuns.id} = (select ${activityRuns.pipelineRunId} from ${activityRuns} where ${activityRuns.id} = ${activityRunId})`,
    )
    .for('no key update')
}
