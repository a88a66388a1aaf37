import { eq } from 'drizzle-orm'
import { users } from '@/drizzle/schema/tenants'
import { UpdateProfileInput } from '@/lib/account/schemas'
import { requireUser } from '@/lib/account/self'
import { command } from '@/lib/command'
import { notFound } from '@/lib/errors'

export const updateProfile = command({
  permission: 'account.write',
  input: UpdateProfileInput,
  scope: (_tx, _input, { tenantId }) => ({ tenantId }),
  async run(tx, { name }, actor) {
    const { userId, email } = requireUser(actor)
    const [before] = await tx
      .select({ name: users.name })
      .from(users)
      .where(eq(users.id, userId))
      .for('update')
    if (!before) throw notFound('the user', email)
    await tx.update(users).set({ name }).where(eq(users.id, userId))
    return {
      result: { name },
      audit: { action: 'user.renamed', entityId: userId, entityName: email, before, after: { name } },
    }
  },
})
