import { eq } from 'drizzle-orm'
import { pipelines } from '@/drizzle/schema/authoring'
import { command } from '@/lib/command'
import { requireTypedName } from '@/lib/errors'
import { DeletePipelineInput } from '@/lib/pipelines/schemas'
import { pipelineScope, requirePipeline } from '@/lib/pipelines/scope'

/** Deletes a pipeline. Its runs stay, with the definition that they ran. */
export const deletePipeline = command({
  permission: 'pipelines.write',
  input: DeletePipelineInput,
  scope: (tx, { pipelineId }, actor) => pipelineScope(tx, actor, pipelineId),
  async run(tx, { pipelineId, confirmName }, actor) {
    const row = await requirePipeline(tx, actor, pipelineId)
    requireTypedName(confirmName, row.name)
    await tx.delete(pipelines).where(eq(pipelines.id, pipelineId))
    return {
      result: { pipelineId },
      audit: {
        action: 'pipeline.deleted',
        factoryId: row.factoryId,
        entityId: pipelineId,
        entityName: row.name,
        before: row.definition,
      },
    }
  },
})
