import { eq, sql } from 'drizzle-orm'
import type { z } from 'zod'
import { datasets } from '@/drizzle/schema/authoring'
import type { AuditEntry } from '@/lib/audit/append'
import { command } from '@/lib/command'
import { type DatasetDefinition, SaveDatasetInput } from '@/lib/datasets/schemas'
import { requireDataset } from '@/lib/datasets/scope'
import type { Tx } from '@/lib/db/client'
import { AppError, conflict, invalidInput } from '@/lib/errors'
import { factoryScope } from '@/lib/factories/scope'
import { requireLinkedServiceByName } from '@/lib/linked-services/scope'
import type { Actor } from '@/lib/permissions'
import type { StoreType } from '@/lib/protocol/stores'
import { requireUnchanged } from '@/lib/unchanged'

type Input = z.output<typeof SaveDatasetInput>
export type SavedDataset = { datasetId: string; name: string }

/** Creates or changes a dataset. */
export const saveDataset = command({
  permission: 'datasets.write',
  input: SaveDatasetInput,
  scope: (tx, { factoryId }, actor) => factoryScope(tx, actor, factoryId),
  run: writeDataset,
})

/** The write itself, for commands that save datasets together with what uses them. */
export async function writeDataset(
  tx: Tx,
  input: Input,
  actor: Actor,
): Promise<{ result: SavedDataset; audit: AuditEntry }> {
  const { factoryId, name, definition } = input
  const linkedService = await namedLinkedService(tx, input)
  requireFit(definition, linkedService)
  const before = input.datasetId ? await previous(tx, { ...input, datasetId: input.datasetId }, actor) : null
  const values = { linkedServiceId: linkedService.id, definition, updatedAt: sql`now()` }
  const [saved] = before
    ? await tx.update(datasets).set(values).where(eq(datasets.id, before.id)).returning({ id: datasets.id })
    : await tx
        .insert(datasets)
        .values({ tenantId: actor.tenantId, factoryId, name, ...values })
        .returning({ id: datasets.id })
  if (!saved) throw conflict(`Dataset "${name}" was deleted meanwhile. Load the page again`)
  return {
    result: { datasetId: saved.id, name },
    audit: {
      action: before ? 'dataset.updated' : 'dataset.created',
      factoryId,
      entityId: saved.id,
      entityName: name,
      before: before?.definition,
      after: definition,
    },
  }
}

const atLinkedService = 'definition.linkedServiceName.referenceName'

async function namedLinkedService(tx: Tx, { factoryId, definition }: Input) {
  const { referenceName } = definition.linkedServiceName
  try {
    return await requireLinkedServiceByName(tx, factoryId, referenceName)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'not_found') throw error
    const message = `This factory has no linked service "${referenceName}". Choose another`
    throw invalidInput(message, { [atLinkedService]: [message] })
  }
}

/** A table lives in a database, a file in the kind of store that its location names. */
function requireFit(definition: DatasetDefinition, store: { name: string; type: StoreType }): void {
  const needed = storeTypeOf(definition)
  if (needed === store.type) return
  const message = `Linked service "${store.name}" is ${store.type}, but this dataset needs ${needed}`
  throw invalidInput(message, { [atLinkedService]: [message] })
}

function storeTypeOf(definition: DatasetDefinition): StoreType {
  if (definition.type === 'PostgreSqlV2Table') return 'PostgreSql'
  return definition.typeProperties.location.type === 'FileServerLocation' ? 'FileServer' : 'AzureBlobStorage'
}

async function previous(tx: Tx, input: Input & { datasetId: string }, actor: Actor) {
  const row = await requireDataset(tx, actor, input.datasetId)
  if (row.factoryId !== input.factoryId)
    throw conflict('This dataset belongs to another factory. Load the page again')
  if (row.name !== input.name)
    throw invalidInput(`Pipelines name it: dataset "${row.name}" keeps its name`, {
      name: [`Pipelines name it: it stays "${row.name}"`],
    })
  requireUnchanged('dataset', row, input.basedOn)
  return row
}
