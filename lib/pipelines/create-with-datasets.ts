import type { AuditEntry } from '@/lib/audit/append'
import { command, requirePermission } from '@/lib/command'
import { writeDataset } from '@/lib/datasets/save'
import { factoryScope } from '@/lib/factories/scope'
import { writePipeline } from '@/lib/pipelines/save'
import { CreatePipelineWithDatasetsInput } from '@/lib/pipelines/schemas'

/** Saves new datasets and the pipeline that copies between them in one transaction: a name taken meanwhile leaves nothing behind. */
export const createPipelineWithDatasets = command({
  permission: 'pipelines.write',
  input: CreatePipelineWithDatasetsInput,
  scope: (tx, { factoryId }, actor) => factoryScope(tx, actor, factoryId),
  async run(tx, { factoryId, datasets, pipeline }, actor) {
    requirePermission({ actor, db: tx }, 'datasets.write', { tenantId: actor.tenantId, factoryId })
    const audit: AuditEntry[] = []
    for (const dataset of datasets)
      audit.push((await writeDataset(tx, { factoryId, ...dataset }, actor)).audit)
    const saved = await writePipeline(tx, { factoryId, ...pipeline }, actor)
    return { result: saved.result, audit: [...audit, saved.audit] }
  },
})
