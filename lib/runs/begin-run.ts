import { activityRuns, pipelineRuns } from '@/drizzle/schema/runs'
import type { Tx } from '@/lib/db/client'
import type { PipelineDefinition } from '@/lib/pipelines/schemas'
import { advanceActivity } from '@/lib/runs/advance'
import { loadDefinitions } from '@/lib/runs/load-definitions'
import { resolveCopy } from '@/lib/runs/resolve-copy'

export type NewRun = {
  tenantId: string
  factoryId: string
  pipelineId: string | null
  pipelineName: string
  definition: PipelineDefinition
  invokedBy: typeof pipelineRuns.$inferInsert.invokedBy
}

/** Resolves everything first, so that a definition that cannot run starts nothing; then queues what depends on nothing. */
export async function beginRun(
  tx: Tx,
  run: NewRun,
): Promise<{ pipelineRunId: string; wake: readonly string[] }> {
  const pipelineRunId = crypto.randomUUID()
  const definitions = await loadDefinitions(tx, run.factoryId, run.definition)
  const activities = run.definition.activities.map((activity, ordinal) => {
    const id = crypto.randomUUID()
    const copy = resolveCopy(activity, definitions, { pipelineRunId, activityRunId: id })
    return { id, ordinal, name: activity.name, pipelineRunId, tenantId: run.tenantId, ...copy }
  })
  await tx.insert(pipelineRuns).values({ id: pipelineRunId, ...run })
  await tx.insert(activityRuns).values(activities)
  const wake = new Set<string>()
  for (const { id } of activities)
    for (const runtimeId of (await advanceActivity(tx, id)).wake) wake.add(runtimeId)
  return { pipelineRunId, wake: [...wake] }
}
