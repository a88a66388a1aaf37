import { and, eq } from 'drizzle-orm'
import { factories } from '@/drizzle/schema/factories'
import type { ReadDb } from '@/lib/db/client'
import { notFound } from '@/lib/errors'
import type { Actor, Scope } from '@/lib/permissions'

/** The scope of a command that works inside a factory; another tenant's factory does not exist. */
export async function factoryScope(
  db: ReadDb,
  actor: Actor,
  factoryId: string,
): Promise<Scope & { factoryId: string; factoryName: string }> {
  const [factory] = await db
    .select({ name: factories.name })
    .from(factories)
    .where(and(eq(factories.id, factoryId), eq(factories.tenantId, actor.tenantId)))
  if (!factory) throw notFound('the factory', factoryId)
  return { tenantId: actor.tenantId, factoryId, factoryName: factory.name }
}
