import { and, asc, count, eq, ilike, inArray, or, type SQL, sql } from 'drizzle-orm'
import { factories } from '@/drizzle/schema/factories'
import { type Context, requirePermission } from '@/lib/command'
import { forbidden, notFound } from '@/lib/errors'
import { contentsOf, countContents, type FactoryContents } from '@/lib/factories/contents'
import { type FactoryOverview, readOverview } from '@/lib/factories/overview'
import { factoryScope } from '@/lib/factories/scope'
import { containing } from '@/lib/like'
import { isAfter, type NamePage, type NameQuery, namesPerPage, toNamePage } from '@/lib/name-page'
import { factoriesWith, rolesWith } from '@/lib/permissions'
import { addHealth, type NodeHealth, selectRuntimeHealth } from '@/lib/runtimes/health'

export type Factory = {
  id: string
  tenantId: string
  name: string
  description: string
  tags: Record<string, string>
  principalId: string
  createdAt: Date
  updatedAt: Date
}

const columns = {
  id: factories.id,
  tenantId: factories.tenantId,
  name: factories.name,
  description: factories.description,
  tags: factories.tags,
  principalId: factories.principalId,
  createdAt: factories.createdAt,
  updatedAt: factories.updatedAt,
}

/** Pages address a factory by its name, which is unique in the tenant whatever its case. */
export async function getFactoryByName(ctx: Context, name: string): Promise<Factory> {
  const [factory] = await ctx.db
    .select(columns)
    .from(factories)
    .where(
      and(eq(factories.tenantId, ctx.actor.tenantId), eq(sql`lower(${factories.name})`, name.toLowerCase())),
    )
  if (!factory) throw notFound('the factory', name)
  requirePermission(ctx, 'factories.read', { tenantId: factory.tenantId, factoryId: factory.id })
  return factory
}

/** Numbers of the factory's first page, and what needs attention with its remedy. */
export async function getFactoryOverview(ctx: Context, factoryId: string): Promise<FactoryOverview> {
  requirePermission(ctx, 'factories.read', await factoryScope(ctx.db, ctx.actor, factoryId))
  return await readOverview(ctx, factoryId)
}

/** What would go with the factory if it were deleted. */
export async function getFactoryContents(ctx: Context, factoryId: string): Promise<FactoryContents> {
  requirePermission(ctx, 'factories.read', await factoryScope(ctx.db, ctx.actor, factoryId))
  return await countContents(ctx.db, factoryId)
}

/** The first of the factories that the actor may see, by name. */
export async function listFactories(
  ctx: Context,
  { size = namesPerPage }: Pick<NameQuery, 'size'> = {},
): Promise<NamePage<Factory>> {
  const wanted = visible(ctx)
  const rows = await ctx.db
    .select(columns)
    .from(factories)
    .where(wanted)
    .orderBy(byName)
    .limit(size + 1)
  return toNamePage(rows, { size, total: await ctx.db.$count(factories, wanted) })
}

export type FactorySummary = Factory & {
  health: NodeHealth
  runningRuns: number
  /** Runs that failed in the last 24 hours. */
  failedRuns: number
  contents: FactoryContents
}

/** A page of the visible factories with how they stand; `q` is looked for in names, descriptions and tags. */
export async function listFactorySummaries(
  ctx: Context,
  { q = '', after, size = namesPerPage }: NameQuery = {},
): Promise<NamePage<FactorySummary>> {
  const pattern = containing(q)
  const wanted = q
    ? or(
        ilike(factories.name, pattern),
        ilike(factories.description, pattern),
        ilike(sql`${factories.tags}::text`, pattern),
      )
    : undefined
  const rows = await ctx.db
    .select({ ...columns, failedRuns: countFailed, contents: contentsOf })
    .from(factories)
    .where(and(visible(ctx), wanted, isAfter(factories.name, after)))
    .orderBy(byName)
    .limit(size + 1)
  const [counted] = await ctx.db
    .select({ total: count() })
    .from(factories)
    .where(and(visible(ctx), wanted))
  const health = await selectRuntimeHealth(
    ctx.db,
    rows.map(({ id }) => id),
  )
  const summaries = rows.map((row) => ({
    ...row,
    health: addHealth(health.filter(({ factoryId }) => factoryId === row.id).map(({ health: own }) => own)),
    runningRuns: row.contents.activeRuns,
  }))
  return toNamePage(summaries, { size, total: counted?.total ?? 0 })
}

const byName = asc(sql`lower(factories.name)`)
const countFailed = sql<number>`(select count(*)::int from pipeline_runs r
  where r.factory_id = factories.id and r.status = 'Failed' and r.ended_at > now() - interval '24 hours')`

/** Throws where the actor may see no factory at all. */
function visible({ actor }: Context): SQL | undefined {
  const which = factoriesWith(actor, 'factories.read')
  if (which === 'all') return eq(factories.tenantId, actor.tenantId)
  if (which.length > 0) return and(eq(factories.tenantId, actor.tenantId), inArray(factories.id, [...which]))
  throw forbidden(
    `You may not see any factory: it needs the role ${rolesWith('factories.read').join(' or ')}`,
  )
}
