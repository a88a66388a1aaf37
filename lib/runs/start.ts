import { command } from '@/lib/command'
import { pipelineScope, requirePipeline } from '@/lib/pipelines/scope'
import { PipelineDefinition } from '@/lib/pipelines/schemas'
import { beginRun } from '@/lib/runs/begin-run'
import { invoker } from '@/lib/runs/invoker'
import { StartPipelineRunInput } from '@/lib/runs/schemas'
import { wake } from '@/lib/tasks/wake'

/** Starts a saved pipeline as it is now. */
export const startPipelineRun = command({
  permission: 'runs.start',
  input: StartPipelineRunInput,
  scope: (tx, { pipelineId }, actor) => pipelineScope(tx, actor, pipelineId),
  async run(tx, { pipelineId }, actor) {
    const pipeline = await requirePipeline(tx, actor, pipelineId)
    const { tenantId, factoryId, name } = pipeline
    const { pipelineRunId, wake: wakes } = await beginRun(tx, {
      tenantId,
      factoryId,
      pipelineId,
      pipelineName: name,
      definition: PipelineDefinition.parse(pipeline.definition),
      invokedBy: { type: 'Manual', ...invoker(actor) },
    })
    return {
      result: { pipelineRunId },
      audit: {
        action: 'run.started',
        factoryId,
        entityId: pipelineRunId,
        entityName: name,
        after: { pipeline: name },
      },
      after: () => wake(wakes),
    }
  },
})
