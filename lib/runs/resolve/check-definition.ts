import type { ReadDb } from '@/lib/db/client'
import { AppError } from '@/lib/errors'
import type { PipelineDefinition } from '@/lib/pipelines/schemas'
import { loadDefinitions } from '@/lib/runs/resolve/load-definitions'
import { resolveCopy } from '@/lib/runs/resolve/resolve-copy'

/** What would stop each activity from running, but for a secret that can still be entered: said when a pipeline is saved. */
export async function pipelineProblems(
  db: ReadDb,
  factoryId: string,
  definition: PipelineDefinition,
): Promise<{ activity: number; message: string }[]> {
  const { datasets, linkedServices } = await loadDefinitions(db, factoryId, definition)
  const entered = linkedServices.map((service) => ({
    ...service,
    credentialVersion: Math.max(1, service.credentialVersion),
  }))
  const ids = { pipelineRunId: crypto.randomUUID(), activityRunId: crypto.randomUUID() }
  return definition.activities.flatMap((activity, index) => {
    try {
      resolveCopy(activity, { datasets, linkedServices: entered }, ids)
      return []
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      return [{ activity: index, message: error.message }]
    }
  })
}
