import { and, asc, count, eq, ilike, or, sql } from 'drizzle-orm'
import { datasets, linkedServices } from '@/drizzle/schema/authoring'
import { type Context, requirePermission } from '@/lib/command'
import { DatasetDefinition } from '@/lib/datasets/schemas'
import { pipelinesNaming } from '@/lib/datasets/users'
import { notFound } from '@/lib/errors'
import { beginningWith, containing } from '@/lib/like'
import {
  isAfter,
  type NameList,
  type NamePage,
  type NameQuery,
  namesPerPage,
  toNamePage,
} from '@/lib/name-page'
import type { StoreType } from '@/lib/protocol/stores'

export type Dataset = {
  id: string
  name: string
  factoryId: string
  linkedServiceId: string
  linkedServiceName: string
  storeType: StoreType
  /** Changes with the linked service: what was read from it before may be different now. */
  storeVersion: string
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
  storeUpdatedAt: linkedServices.updatedAt,
  definition: datasets.definition,
  createdAt: datasets.createdAt,
  updatedAt: datasets.updatedAt,
}

/** A page of the factory's datasets, by name; `q` looks into their names and those of their stores. */
export async function listDatasets(
  ctx: Context,
  factory: InFactory,
  { q = '', after, size = namesPerPage }: NameQuery = {},
): Promise<NamePage<Dataset>> {
  requireRead(ctx, factory)
  const pattern = containing(q)
  const wanted = and(
    eq(datasets.factoryId, factory.id),
    eq(datasets.tenantId, ctx.actor.tenantId),
    q ? or(ilike(datasets.name, pattern), ilike(linkedServices.name, pattern)) : undefined,
  )
  const joined = eq(linkedServices.id, datasets.linkedServiceId)
  const rows = await ctx.db
    .select(columns)
    .from(datasets)
    .innerJoin(linkedServices, joined)
    .where(and(wanted, isAfter(datasets.name, after)))
    .orderBy(asc(sql`lower(${datasets.name})`))
    .limit(size + 1)
  const [counted] = await ctx.db
    .select({ total: count() })
    .from(datasets)
    .innerJoin(linkedServices, joined)
    .where(wanted)
  return toNamePage(rows.map(toDataset), { size, total: counted?.total ?? 0 })
}

/** Names that are taken and begin so, for a form that proposes a new one. */
export async function listDatasetNames(
  ctx: Context,
  factory: InFactory,
  beginning: string,
): Promise<string[]> {
  requireRead(ctx, factory)
  const rows = await ctx.db
    .select({ name: datasets.name })
    .from(datasets)
    .where(
      and(
        eq(datasets.factoryId, factory.id),
        eq(datasets.tenantId, ctx.actor.tenantId),
        ilike(datasets.name, beginningWith(beginning)),
      ),
    )
    .orderBy(asc(sql`lower(${datasets.name})`))
    .limit(mostNames)
  return rows.map(({ name }) => name)
}

/** More of one beginning nobody has: a pipeline makes at most 160 of them. */
const mostNames = 1000

export async function getDataset(
  ctx: Context,
  factory: InFactory,
  name: string,
): Promise<Dataset & { usedBy: NameList }> {
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
  const usedBy = await pipelinesNaming(ctx.db, { factoryId: factory.id, datasetId: row.id })
  return { ...toDataset(row), usedBy }
}

/** Database JSON has an order of its own; people read Data Factory's. */
function toDataset<Row extends { definition: DatasetDefinition; storeUpdatedAt: Date }>({
  storeUpdatedAt,
  ...row
}: Row) {
  return {
    ...row,
    definition: DatasetDefinition.parse(row.definition),
    storeVersion: storeUpdatedAt.toISOString(),
  }
}

function requireRead(ctx: Context, { id, tenantId }: InFactory): void {
  requirePermission(ctx, 'datasets.read', { tenantId, factoryId: id })
}
