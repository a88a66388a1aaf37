import { and, asc, count, eq, ilike, inArray, or, sql } from 'drizzle-orm'
import { datasets, linkedServices, pipelines } from '@/drizzle/schema/authoring'
import { pipelineRuns } from '@/drizzle/schema/runs'
import { type Context, requirePermission } from '@/lib/command'
import type { ReadDb } from '@/lib/db/client'
import { namesDatasetLike } from '@/lib/datasets/users'
import { notFound } from '@/lib/errors'
import { beginningWith, containing } from '@/lib/like'
import { isAfter, type NamePage, type NameQuery, namesPerPage, toNamePage } from '@/lib/name-page'
import { PipelineDefinition } from '@/lib/pipelines/schemas'
import type { RunStatus } from '@/lib/runs/schemas'

type InFactory = { id: string; tenantId: string }
export type LastRun = { id: string; status: RunStatus; queuedAt: string; endedAt: string | null }
export type PipelineListItem = {
  id: string
  name: string
  description: string
  activityCount: number
  updatedAt: string
  lastRun: LastRun | null
}
/** A dataset that a pipeline names, with the store it is in. */
export type NamedDataset = { name: string; linkedServiceName: string; type: string }
export type Pipeline = {
  id: string
  name: string
  factoryId: string
  definition: PipelineDefinition
  createdAt: string
  updatedAt: string
  datasets: NamedDataset[]
}

/** A page of the factory's pipelines by name, each with its newest run; `q` looks into their names and those of their datasets. */
export async function listPipelines(
  ctx: Context,
  factory: InFactory,
  { q = '', after, size = namesPerPage }: NameQuery = {},
): Promise<NamePage<PipelineListItem>> {
  requireRead(ctx, factory)
  const pattern = containing(q)
  const wanted = and(
    eq(pipelines.factoryId, factory.id),
    eq(pipelines.tenantId, ctx.actor.tenantId),
    q ? or(ilike(pipelines.name, pattern), namesDatasetLike(pattern)) : undefined,
  )
  const rows = await ctx.db
    .select({
      id: pipelines.id,
      name: pipelines.name,
      description: sql<string>`coalesce(${pipelines.definition} ->> 'description', '')`,
      activityCount: sql<number>`jsonb_array_length(${pipelines.definition} -> 'activities')`,
      updatedAt: pipelines.updatedAt,
    })
    .from(pipelines)
    .where(and(wanted, isAfter(pipelines.name, after)))
    .orderBy(asc(sql`lower(${pipelines.name})`))
    .limit(size + 1)
  const [counted] = await ctx.db.select({ total: count() }).from(pipelines).where(wanted)
  const newest = await newestRuns(
    ctx.db,
    rows.map(({ id }) => id),
  )
  const items = rows.map((row) => ({
    ...row,
    updatedAt: row.updatedAt.toISOString(),
    lastRun: newest.get(row.id) ?? null,
  }))
  return toNamePage(items, { size, total: counted?.total ?? 0 })
}

/** Names that are taken and begin so; one that is all of it comes first. */
export async function listPipelineNames(
  ctx: Context,
  factory: InFactory,
  beginning: string,
): Promise<string[]> {
  requireRead(ctx, factory)
  const rows = await ctx.db
    .select({ name: pipelines.name })
    .from(pipelines)
    .where(
      and(
        eq(pipelines.factoryId, factory.id),
        eq(pipelines.tenantId, ctx.actor.tenantId),
        ilike(pipelines.name, beginningWith(beginning)),
      ),
    )
    .orderBy(asc(sql`lower(${pipelines.name})`))
    .limit(mostNames)
  return rows.map(({ name }) => name)
}

const mostNames = 100

export async function getPipeline(ctx: Context, factory: InFactory, name: string): Promise<Pipeline> {
  requireRead(ctx, factory)
  const [row] = await ctx.db
    .select()
    .from(pipelines)
    .where(
      and(
        eq(pipelines.factoryId, factory.id),
        eq(pipelines.tenantId, ctx.actor.tenantId),
        eq(sql`lower(${pipelines.name})`, name.toLowerCase()),
      ),
    )
  if (!row) throw notFound('the pipeline', name)
  // Database JSON has an order of its own; people read Data Factory's.
  const definition = PipelineDefinition.parse(row.definition)
  return {
    id: row.id,
    name: row.name,
    factoryId: row.factoryId,
    definition,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    datasets: await namedDatasets(ctx.db, factory.id, definition),
  }
}

async function newestRuns(db: ReadDb, pipelineIds: string[]): Promise<Map<string, LastRun>> {
  if (pipelineIds.length === 0) return new Map()
  const rows = await db
    .select({
      pipelineId: sql<string>`p.id`,
      id: pipelineRuns.id,
      status: pipelineRuns.status,
      queuedAt: pipelineRuns.queuedAt,
      endedAt: pipelineRuns.endedAt,
    })
    .from(sql`jsonb_array_elements_text(${JSON.stringify(pipelineIds)}::jsonb) as given(id)
      cross join lateral (select given.id::uuid as id) p`)
    .innerJoin(
      pipelineRuns,
      sql`${pipelineRuns.id} = (select r.id from pipeline_runs r where r.pipeline_id = p.id order by r.queued_at desc limit 1)`,
    )
  return new Map(
    rows.map(({ pipelineId, queuedAt, endedAt, ...run }) => [
      pipelineId,
      { ...run, queuedAt: queuedAt.toISOString(), endedAt: endedAt?.toISOString() ?? null },
    ]),
  )
}

async function namedDatasets(
  db: ReadDb,
  factoryId: string,
  { activities }: PipelineDefinition,
): Promise<NamedDataset[]> {
  const names = activities.flatMap(({ inputs, outputs }) =>
    [...inputs, ...outputs].map(({ referenceName }) => referenceName.toLowerCase()),
  )
  return await db
    .select({
      name: datasets.name,
      linkedServiceName: linkedServices.name,
      type: sql<string>`${datasets.definition} ->> 'type'`,
    })
    .from(datasets)
    .innerJoin(linkedServices, eq(linkedServices.id, datasets.linkedServiceId))
    .where(and(eq(datasets.factoryId, factoryId), inArray(sql`lower(${datasets.name})`, names)))
    .orderBy(asc(datasets.name))
}

function requireRead(ctx: Context, { id, tenantId }: InFactory): void {
  requirePermission(ctx, 'pipelines.read', { tenantId, factoryId: id })
}
