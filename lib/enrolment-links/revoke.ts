import { and, eq } from 'drizzle-orm'
import { enrolmentLinks, runtimes } from '@/drizzle/schema/runtimes'
import { command } from '@/lib/command'
import type { ReadDb } from '@/lib/db/client'
import { conflict, notFound } from '@/lib/errors'
import type { Actor } from '@/lib/permissions'
import { RevokeEnrolmentLinkInput } from '@/lib/runtimes/schemas'
import { runtimeScope, type RuntimeScope } from '@/lib/runtimes/scope'

/** Makes a link that was not used yet worthless. A used one has done its work: the node is removed instead. */
export const revokeEnrolmentLink = command({
  permission: 'enrolmentLinks.write',
  input: RevokeEnrolmentLinkInput,
  scope: (tx, { linkId }, actor) => linkScope(tx, actor, linkId),
  async run(tx, { linkId }, actor) {
    const { runtimeId, runtimeName, factoryId } = await linkScope(tx, actor, linkId)
    const [link] = await tx.select().from(enrolmentLinks).where(eq(enrolmentLinks.id, linkId)).for('update')
    if (link?.usedAt)
      throw conflict('This link was used already. Remove the node that came by it, if it must not stay')
    if (link?.revokedAt) return { result: { linkId }, audit: null }
    await tx.update(enrolmentLinks).set({ revokedAt: new Date() }).where(eq(enrolmentLinks.id, linkId))
    return {
      result: { linkId },
      audit: {
        action: 'enrolmentLink.revoked',
        factoryId,
        entityId: runtimeId,
        entityName: runtimeName,
        after: { linkId },
      },
    }
  },
})

async function linkScope(db: ReadDb, actor: Actor, linkId: string): Promise<RuntimeScope> {
  const [link] = await db
    .select({ runtimeId: enrolmentLinks.runtimeId })
    .from(enrolmentLinks)
    .innerJoin(runtimes, eq(runtimes.id, enrolmentLinks.runtimeId))
    .where(and(eq(enrolmentLinks.id, linkId), eq(runtimes.tenantId, actor.tenantId)))
  if (!link) throw notFound('the enrolment link', linkId)
  return await runtimeScope(db, actor, link.runtimeId)
}
