import { and, eq } from 'drizzle-orm'
import { factories } from '@/drizzle/schema/factories'
import { runtimes } from '@/drizzle/schema/runtimes'
import type { ReadDb } from '@/lib/db/client'
import { notFound } from '@/lib/errors'
import { Id } from '@/lib/protocol/scalars'
import type { Actor, Scope } from '@/lib/permissions'

export type RuntimeScope = Scope & {
  factoryId: string
  factoryName: string
  runtimeId: string
  runtimeName: string
}

/** The scope of what is done to or inside a runtime; another tenant's runtime does not exist. */
export async function runtimeScope(db: ReadDb, actor: Actor, runtimeId: string): Promise<RuntimeScope> {
  // Addresses are typed by people too: what is no id names nothing.
  if (!Id.safeParse(runtimeId).success) throw notFound('the integration runtime', runtimeId)
  const [found] = await db
    .select({ runtimeName: runtimes.name, factoryId: factories.id, factoryName: factories.name })
    .from(runtimes)
    .innerJoin(factories, eq(factories.id, runtimes.factoryId))
    .where(and(eq(runtimes.id, runtimeId), eq(runtimes.tenantId, actor.tenantId)))
  if (!found) throw notFound('the integration runtime', runtimeId)
  return { tenantId: actor.tenantId, runtimeId, ...found }
}
