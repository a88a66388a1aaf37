import { asc, eq } from 'drizzle-orm'
import { authKeys, nodes } from '@/drizzle/schema/runtimes'
import { type Context, requirePermission } from '@/lib/command'
import { runtimeScope } from '@/lib/runtimes/scope'
import type { authKeyNames } from '@/lib/runtimes/schemas'

export type AuthKeyRow = {
  name: (typeof authKeyNames)[number]
  createdAt: Date
  lastUsedAt: Date | null
  /** Name of the node that it registered last. */
  lastUsedBy: string | null
}

/** The two keys of a runtime without the keys themselves: those are shown by `revealAuthKeys`, to owners, and audited. */
export async function listAuthKeys(ctx: Context, runtimeId: string): Promise<AuthKeyRow[]> {
  requirePermission(ctx, 'runtimes.read', await runtimeScope(ctx.db, ctx.actor, runtimeId))
  return await ctx.db
    .select({
      name: authKeys.name,
      createdAt: authKeys.createdAt,
      lastUsedAt: authKeys.lastUsedAt,
      lastUsedBy: nodes.displayName,
    })
    .from(authKeys)
    .leftJoin(nodes, eq(nodes.id, authKeys.lastUsedByNodeId))
    .where(eq(authKeys.runtimeId, runtimeId))
    .orderBy(asc(authKeys.name))
}
