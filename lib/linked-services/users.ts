import { asc, count, eq, sql } from 'drizzle-orm'
import { linkedServices } from '@/drizzle/schema/authoring'
import type { ReadDb } from '@/lib/db/client'
import { type NameList, namesPerList, toNameList } from '@/lib/name-page'

/** The linked services that connect through a runtime, by name. */
export async function linkedServicesThrough(db: ReadDb, runtimeId: string): Promise<NameList> {
  const rows = await db
    .select({ name: linkedServices.name, total: sql<number>`(${count()} over ())::int` })
    .from(linkedServices)
    .where(eq(linkedServices.runtimeId, runtimeId))
    .orderBy(asc(sql`lower(${linkedServices.name})`))
    .limit(namesPerList)
  return toNameList(rows)
}
