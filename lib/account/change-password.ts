import { and, eq, isNull, ne } from 'drizzle-orm'
import { sessions, users } from '@/drizzle/schema/tenants'
import { ChangePasswordInput, repeatsAddress } from '@/lib/account/schemas'
import { requireUser } from '@/lib/account/self'
import { hashPassword, verifyPassword } from '@/lib/auth/password'
import { accountKey, countAttempt, takeBackAttempt } from '@/lib/auth/throttle'
import { type Command, command, parseInput, type WriteContext } from '@/lib/command'
import { invalidInput, notFound, rateLimited } from '@/lib/errors'

type Changed = { endedSessions: number }

/** Wrong guesses of the present password are counted outside the transaction that they make fail. */
async function attempt(ctx: WriteContext, rawInput: unknown): Promise<Changed> {
  parseInput(ChangePasswordInput, rawInput)
  const key = accountKey('password', requireUser(ctx.actor).userId)
  const waitMs = await countAttempt(ctx.db, [key])
  if (waitMs > 0)
    throw rateLimited(`Too many wrong passwords. Try again in ${Math.ceil(waitMs / 1000)} seconds`)
  const changed = await setPassword(ctx, rawInput)
  await takeBackAttempt(ctx.db, key, [])
  return changed
}

const setPassword = command({
  permission: 'account.write',
  input: ChangePasswordInput,
  scope: (_tx, _input, { tenantId }) => ({ tenantId }),
  async run(tx, { currentPassword, newPassword }, actor) {
    const { userId, sessionId, email } = requireUser(actor)
    const [user] = await tx
      .select({ passwordHash: users.passwordHash })
      .from(users)
      .where(eq(users.id, userId))
      .for('update')
    if (!user) throw notFound('the user', email)
    if (!(await verifyPassword(currentPassword, user.passwordHash)))
      throw atField('currentPassword', 'This is not your present password')
    if (repeatsAddress(newPassword, email))
      throw atField('newPassword', 'Do not use your e-mail address in the password')
    if (newPassword === currentPassword) throw atField('newPassword', 'This is your present password')
    await tx
      .update(users)
      .set({ passwordHash: await hashPassword(newPassword) })
      .where(eq(users.id, userId))
    // Whoever knew the old password may be signed in with it somewhere.
    const ended = await tx
      .update(sessions)
      .set({ revokedAt: new Date() })
      .where(and(eq(sessions.userId, userId), ne(sessions.id, sessionId), isNull(sessions.revokedAt)))
      .returning({ id: sessions.id })
    return {
      result: { endedSessions: ended.length },
      audit: {
        action: 'user.passwordChanged',
        entityId: userId,
        entityName: email,
        after: { endedSessions: ended.length },
      },
    }
  },
})

/** Ends every other session of the user. */
export const changePassword: Command<typeof ChangePasswordInput, Changed> = Object.assign(attempt, {
  permission: setPassword.permission,
  input: setPassword.input,
})

function atField(field: string, message: string) {
  return invalidInput(message, { [field]: [message] })
}
