import { and, asc, eq, sql } from 'drizzle-orm'
import { datasets, linkedServices } from '@/drizzle/schema/authoring'
import { type Context, requirePermission } from '@/lib/command'
import { DatasetDefinition } from '@/lib/datasets/schemas'
import { pipelinesNaming } from '@/lib/datasets/users'
import { notFound } from '@/lib/errors'
import type { StoreType } from '@/lib/protocol/stores'

export type Dataset = {
  id: string
  name: string
  factoryId: string
  linkedServiceId: string
  linkedServiceName: string
  storeType: StoreType
  definition: DatasetDefinition
  createdAt: Date
  updatedAt: Date
}
type InFactory = { id: string; tenantId: string }

const columns = {
  id: datasets.id,
  name: datasets.name,
  factoryId: datasets.factoryId,
  linkedServiceId: datasets.linkedServiceId,
  linkedServiceName: linkedServices.name,
  storeType: linkedServices.type,
  definition: datasets.definition,
  createdAt: datasets.createdAt,
  updatedAt: datasets.updatedAt,
}

/** Every dataset of the factory, by name. */
export async function listDatasets(ctx: Context, factory: InFactory): Promise<Dataset[]> {
  requireRead(ctx, factory)
  return await ctx.db
    .select(columns)
    .from(datasets)
    .innerJoin(linkedServices, eq(linkedServices.id, datasets.linkedServiceId))
    .where(and(eq(datasets.factoryId, factory.id), eq(datasets.tenantId, ctx.actor.tenantId)))
    .orderBy(asc(sql`lower(${datasets.name})`))
}

export async function getDataset(
  ctx: Context,
  factory: InFactory,
  name: string,
): Promise<Dataset & { usedBy: string[] }> {
  requireRead(ctx, factory)
  const [row] = await ctx.db
    .select(columns)
    .from(datasets)
    .innerJoin(linkedServices, eq(linkedServices.id, datasets.linkedServiceId))
    .where(
      and(
        eq(datasets.factoryId, factory.id),
        eq(datasets.tenantId, ctx.actor.tenantId),
        eq(sql`lower(${datasets.name})`, name.toLowerCase()),
      ),
    )
  if (!row) throw notFound('the dataset', name)
  const usedBy = await pipelinesNaming(ctx.db, factory.id, [row.name])
  // Database JSON has an order of its own; people read Data Factory's.
  const definition = DatasetDefinition.parse(row.definition)
  return { ...row, definition, usedBy: usedBy.map((pipeline) => pipeline.name) }
}

function requireRead(ctx: Context, { id, tenantId }: InFactory): void {
  requirePermission(ctx, 'datasets.read', { tenantId, factoryId: id })
}
