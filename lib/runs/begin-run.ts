import { activityRuns, pipelineRuns } from '@/drizzle/schema/runs'
import type { Tx } from '@/lib/db/client'
import type { PipelineDefinition } from '@/lib/pipelines/schemas'
import { newCopy, step } from '@/lib/runs/activity/activity-machine'
import { firstTask } from '@/lib/runs/activity/enqueue-copy'
import { loadDefinitions } from '@/lib/runs/resolve/load-definitions'
import { type ResolvedCopy, resolveCopy } from '@/lib/runs/resolve/resolve-copy'
import type { ActivityPhase } from '@/lib/runs/schemas'
import { enqueueTasks, type NewTask } from '@/lib/tasks/enqueue'
import type { Wake } from '@/lib/tasks/wake'

export type NewRun = {
  tenantId: string
  factoryId: string
  pipelineId: string | null
  pipelineName: string
  definition: PipelineDefinition
  invokedBy: typeof pipelineRuns.$inferInsert.invokedBy
}

/**
 * Resolves everything first, so that a definition that cannot run starts nothing; then queues what depends on nothing. A
 * person waits for it: nobody else sees the run yet, so its rows are written as the machine leaves them, without a lock or
 * a second look.
 */
export async function beginRun(tx: Tx, run: NewRun): Promise<{ pipelineRunId: string; wake: Wake[] }> {
  const pipelineRunId = crypto.randomUUID()
  const definitions = await loadDefinitions(tx, run.factoryId, run.definition)
  const tasks: NewTask[] = []
  const activities = run.definition.activities.map((activity, ordinal) => {
    const id = crypto.randomUUID()
    const copy = resolveCopy(activity, definitions, { pipelineRunId, activityRunId: id })
    const begun = begin({ id, ...copy }, activity.dependsOn ?? [])
    tasks.push(...begun.tasks)
    const { tenantId } = run
    return { id, ordinal, name: activity.name, pipelineRunId, tenantId, phase: begun.phase, ...copy }
  })
  await tx.insert(pipelineRuns).values({ id: pipelineRunId, ...run })
  await tx.insert(activityRuns).values(activities)
  await enqueueTasks(tx, tasks)
  return { pipelineRunId, wake: tasks.map(({ runtimeId }) => ({ runtimeId, for: 'tasks' })) }
}

/** The first step of a new activity, which can only be to wait or to queue its first task. */
function begin(
  activity: { id: string } & ResolvedCopy,
  dependsOn: readonly unknown[],
): { phase: ActivityPhase; tasks: NewTask[] } {
  const begun: { phase: ActivityPhase; tasks: NewTask[] } = { phase: 'waiting', tasks: [] }
  for (const effect of step(newCopy(dependsOn.length === 0 ? 'met' : 'pending'))) {
    if (effect.do === 'enter') begun.phase = effect.phase
    else if (effect.do === 'enqueue') begun.tasks.push(firstTask(activity))
    else throw new Error(`A new activity does not begin with ${effect.do}`)
  }
  return begun
}
