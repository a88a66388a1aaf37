import { and, eq, sql } from 'drizzle-orm'
import { linkedServices } from '@/drizzle/schema/authoring'
import type { ReadDb } from '@/lib/db/client'
import { notFound } from '@/lib/errors'
import type { Actor, Scope } from '@/lib/permissions'

export type LinkedServiceRow = typeof linkedServices.$inferSelect

/** The row that a command names by id; another tenant's linked service does not exist. */
export async function requireLinkedService(
  db: ReadDb,
  actor: Actor,
  linkedServiceId: string,
): Promise<LinkedServiceRow> {
  const [row] = await db
    .select()
    .from(linkedServices)
    .where(and(eq(linkedServices.id, linkedServiceId), eq(linkedServices.tenantId, actor.tenantId)))
  if (!row) throw notFound('the linked service', linkedServiceId)
  return row
}

/** The row that a definition names; names do not differ by case alone. */
export async function requireLinkedServiceByName(
  db: ReadDb,
  factoryId: string,
  name: string,
): Promise<LinkedServiceRow> {
  const [row] = await db
    .select()
    .from(linkedServices)
    .where(
      and(
        eq(linkedServices.factoryId, factoryId),
        eq(sql`lower(${linkedServices.name})`, name.toLowerCase()),
      ),
    )
  if (!row) throw notFound('the linked service', name)
  return row
}

export async function linkedServiceScope(db: ReadDb, actor: Actor, linkedServiceId: string): Promise<Scope> {
  const { tenantId, factoryId } = await requireLinkedService(db, actor, linkedServiceId)
  return { tenantId, factoryId }
}
