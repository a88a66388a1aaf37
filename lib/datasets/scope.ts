import { and, eq } from 'drizzle-orm'
import { datasets } from '@/drizzle/schema/authoring'
import type { ReadDb } from '@/lib/db/client'
import { notFound } from '@/lib/errors'
import type { Actor, Scope } from '@/lib/permissions'

export type DatasetRow = typeof datasets.$inferSelect

/** The row that a command names by id; another tenant's dataset does not exist. */
export async function requireDataset(db: ReadDb, actor: Actor, datasetId: string): Promise<DatasetRow> {
  const [row] = await db
    .select()
    .from(datasets)
    .where(and(eq(datasets.id, datasetId), eq(datasets.tenantId, actor.tenantId)))
  if (!row) throw notFound('the dataset', datasetId)
  return row
}

export async function datasetScope(db: ReadDb, actor: Actor, datasetId: string): Promise<Scope> {
  const { tenantId, factoryId } = await requireDataset(db, actor, datasetId)
  return { tenantId, factoryId }
}
