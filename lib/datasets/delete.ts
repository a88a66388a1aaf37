import { eq } from 'drizzle-orm'
import { datasets } from '@/drizzle/schema/authoring'
import { command } from '@/lib/command'
import { DeleteDatasetInput } from '@/lib/datasets/schemas'
import { datasetScope, requireDataset } from '@/lib/datasets/scope'
import { pipelinesNaming } from '@/lib/datasets/users'
import { conflict, requireTypedName } from '@/lib/errors'
import { namesOf } from '@/lib/phrases'

/** Deletes a dataset that no pipeline names any more. */
export const deleteDataset = command({
  permission: 'datasets.write',
  input: DeleteDatasetInput,
  scope: (tx, { datasetId }, actor) => datasetScope(tx, actor, datasetId),
  async run(tx, { datasetId, confirmName }, actor) {
    const row = await requireDataset(tx, actor, datasetId)
    requireTypedName(confirmName, row.name)
    const users = await pipelinesNaming(tx, { factoryId: row.factoryId, datasetId })
    if (users.total > 0)
      throw conflict(
        `Cannot delete dataset "${row.name}": ${namesOf('pipeline', users)} ${users.total === 1 ? 'copies' : 'copy'} from or to it. Delete or change ${users.total === 1 ? 'it' : 'them'} first`,
      )
    await tx.delete(datasets).where(eq(datasets.id, datasetId))
    return {
      result: { datasetId },
      audit: {
        action: 'dataset.deleted',
        factoryId: row.factoryId,
        entityId: datasetId,
        entityName: row.name,
        before: row.definition,
      },
    }
  },
})
