import { and, eq } from 'drizzle-orm'
import { authKeys } from '@/drizzle/schema/runtimes'
import { makeAuthKey, openAuthKey } from '@/lib/auth-keys/auth-key'
import { command } from '@/lib/command'
import { notFound } from '@/lib/errors'
import { RegenerateAuthKeyInput } from '@/lib/runtimes/schemas'
import { runtimeScope } from '@/lib/runtimes/scope'

/** Replaces one key; the other goes on, so that automation can move over without a gap. Nodes that are registered stay. */
export const regenerateAuthKey = command({
  permission: 'authKeys.regenerate',
  input: RegenerateAuthKeyInput,
  scope: (tx, { runtimeId }, actor) => runtimeScope(tx, actor, runtimeId),
  async run(tx, { runtimeId, name }, actor) {
    const { factoryId, factoryName, runtimeName } = await runtimeScope(tx, actor, runtimeId)
    const made = makeAuthKey({ runtimeId, name })
    const replaced = await tx
      .update(authKeys)
      .set({ ...made, createdAt: new Date(), lastUsedAt: null, lastUsedByNodeId: null })
      .where(and(eq(authKeys.runtimeId, runtimeId), eq(authKeys.name, name)))
      .returning({ id: authKeys.id })
    if (replaced.length === 0) throw notFound('the authentication key', name)
    return {
      result: { name, authKey: openAuthKey({ runtimeId, name }, made.sealedKey, factoryName) },
      audit: {
        action: 'authKey.regenerated',
        factoryId,
        entityId: runtimeId,
        entityName: runtimeName,
        after: { key: name },
      },
    }
  },
})
