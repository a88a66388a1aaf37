import { asc, eq } from 'drizzle-orm'
import { authKeys } from '@/drizzle/schema/runtimes'
import { openAuthKey } from '@/lib/auth-keys/auth-key'
import { command } from '@/lib/command'
import { RevealAuthKeysInput } from '@/lib/runtimes/schemas'
import { runtimeScope } from '@/lib/runtimes/scope'

/** Shows both keys to an owner. A command and not a query, because the audit log must know who saw them. */
export const revealAuthKeys = command({
  permission: 'authKeys.read',
  input: RevealAuthKeysInput,
  scope: (tx, { runtimeId }, actor) => runtimeScope(tx, actor, runtimeId),
  async run(tx, { runtimeId }, actor) {
    const { factoryId, factoryName, runtimeName } = await runtimeScope(tx, actor, runtimeId)
    const rows = await tx
      .select({ name: authKeys.name, sealedKey: authKeys.sealedKey })
      .from(authKeys)
      .where(eq(authKeys.runtimeId, runtimeId))
      .orderBy(asc(authKeys.name))
    return {
      result: rows.map(({ name, sealedKey }) => ({
        name,
        authKey: openAuthKey({ runtimeId, name }, sealedKey, factoryName),
      })),
      audit: {
        action: 'authKeys.revealed',
        factoryId,
        entityId: runtimeId,
        entityName: runtimeName,
      },
    }
  },
})
