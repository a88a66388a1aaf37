import { and, eq } from 'drizzle-orm'
import { factories } from '@/drizzle/schema/factories'
import { nodes, runtimes } from '@/drizzle/schema/runtimes'
import type { ReadDb } from '@/lib/db/client'
import { notFound } from '@/lib/errors'
import { Id } from '@/lib/protocol/scalars'
import type { Actor } from '@/lib/permissions'
import type { RuntimeScope } from '@/lib/runtimes/scope'

/** The scope of what is done to one node, removed or not; another tenant's node does not exist. */
export async function nodeScope(db: ReadDb, actor: Actor, nodeId: string): Promise<RuntimeScope> {
  // Addresses are typed by people too: what is no id names nothing.
  if (!Id.safeParse(nodeId).success) throw notFound('the node', nodeId)
  const [found] = await db
    .select({
      runtimeId: runtimes.id,
      runtimeName: runtimes.name,
      factoryId: factories.id,
      factoryName: factories.name,
    })
    .from(nodes)
    .innerJoin(runtimes, eq(runtimes.id, nodes.runtimeId))
    .innerJoin(factories, eq(factories.id, runtimes.factoryId))
    .where(and(eq(nodes.id, nodeId), eq(nodes.tenantId, actor.tenantId)))
  if (!found) throw notFound('the node', nodeId)
  return { tenantId: actor.tenantId, ...found }
}
