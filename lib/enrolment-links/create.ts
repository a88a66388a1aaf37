import { eq, sql } from 'drizzle-orm'
import { enrolmentLinks, runtimes } from '@/drizzle/schema/runtimes'
import { command } from '@/lib/command'
import { conflict, notFound } from '@/lib/errors'
import { CreateEnrolmentLinkInput } from '@/lib/runtimes/schemas'
import { runtimeScope } from '@/lib/runtimes/scope'

/** Keeps what the browser made of a link: a hash, and the second half as only the vault's nodes can read it. */
export const createEnrolmentLink = command({
  permission: 'enrolmentLinks.write',
  input: CreateEnrolmentLinkInput,
  scope: (tx, { runtimeId }, actor) => runtimeScope(tx, actor, runtimeId),
  async run(tx, { runtimeId, linkId, secretHash, sealedSecret, expiresInMinutes }, actor) {
    // Shared lock: the vault must not turn over between the check and the commit.
    const [runtime] = await tx.select().from(runtimes).where(eq(runtimes.id, runtimeId)).for('share')
    if (!runtime) throw notFound('the integration runtime', runtimeId)
    if ((sealedSecret?.generation ?? 0) !== runtime.vaultGeneration)
      throw conflict('The vault of this runtime changed at this moment. Make the link again')
    // By the database's clock, which says later whether it is over.
    const [made] = await tx
      .insert(enrolmentLinks)
      .values({
        id: linkId,
        runtimeId,
        secretHash,
        sealedSecret: sealedSecret ?? null,
        createdBy: actor.kind === 'user' ? actor.userId : null,
        expiresAt: sql`clock_timestamp() + make_interval(mins => ${expiresInMinutes})`,
      })
      .returning({ expiresAt: enrolmentLinks.expiresAt })
    if (!made) throw new Error('The link was not kept')
    const { expiresAt } = made
    return {
      result: { linkId, expiresAt },
      audit: {
        action: 'enrolmentLink.created',
        factoryId: runtime.factoryId,
        entityId: runtimeId,
        entityName: runtime.name,
        after: { linkId, expiresAt },
      },
    }
  },
})
