import { and, eq, isNull, ne } from 'drizzle-orm'
import { sessions } from '@/drizzle/schema/tenants'
import { RevokeOtherSessionsInput, RevokeSessionInput } from '@/lib/account/schemas'
import { requireUser } from '@/lib/account/self'
import { command } from '@/lib/command'
import { notFound } from '@/lib/errors'

/** Signs one browser of one's own out; its next request finds no session. */
export const revokeSession = command({
  permission: 'account.write',
  input: RevokeSessionInput,
  scope: (_tx, _input, { tenantId }) => ({ tenantId }),
  async run(tx, { sessionId }, actor) {
    const { userId, email } = requireUser(actor)
    const [ended] = await tx
      .update(sessions)
      .set({ revokedAt: new Date() })
      .where(and(eq(sessions.id, sessionId), eq(sessions.userId, userId), isNull(sessions.revokedAt)))
      .returning({ address: sessions.address })
    if (!ended) throw notFound('the session', sessionId)
    return {
      result: { sessionId },
      audit: {
        action: 'session.revoked',
        entityId: userId,
        entityName: email,
        after: { sessionId, address: ended.address },
      },
    }
  },
})

export const revokeOtherSessions = command({
  permission: 'account.write',
  input: RevokeOtherSessionsInput,
  scope: (_tx, _input, { tenantId }) => ({ tenantId }),
  async run(tx, _input, actor) {
    const { userId, sessionId, email } = requireUser(actor)
    const ended = await tx
      .update(sessions)
      .set({ revokedAt: new Date() })
      .where(and(eq(sessions.userId, userId), ne(sessions.id, sessionId), isNull(sessions.revokedAt)))
      .returning({ id: sessions.id })
    return {
      result: { endedSessions: ended.length },
      audit: {
        action: 'session.othersRevoked',
        entityId: userId,
        entityName: email,
        after: { sessionIds: ended.map(({ id }) => id) },
      },
    }
  },
})
