import { and, asc, eq, inArray, sql } from 'drizzle-orm'
import { factories } from '@/drizzle/schema/factories'
import { type Context, requirePermission } from '@/lib/command'
import { forbidden, notFound } from '@/lib/errors'
import { factoriesWith, rolesWith } from '@/lib/permissions'

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

/** The factories that the actor may see, by name. */
export async function listFactories(ctx: Context): Promise<Factory[]> {
  const { actor } = ctx
  const visible = factoriesWith(actor, 'factories.read')
  if (visible !== 'all' && visible.length === 0)
    throw forbidden(
      `You may not see any factory: it needs the role ${rolesWith('factories.read').join(' or ')}`,
    )
  return await ctx.db
    .select(columns)
    .from(factories)
    .where(
      and(
        eq(factories.tenantId, actor.tenantId),
        visible === 'all' ? undefined : inArray(factories.id, [...visible]),
      ),
    )
    .orderBy(asc(sql`lower(${factories.name})`))
}
