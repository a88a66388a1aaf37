import { authKeys, runtimes } from '@/drizzle/schema/runtimes'
import { makeAuthKey } from '@/lib/auth-keys/auth-key'
import { command } from '@/lib/command'
import { factoryScope } from '@/lib/factories/scope'
import { authKeyNames, CreateRuntimeInput } from '@/lib/runtimes/schemas'

/** A self-hosted runtime with its two authentication keys; nodes come by themselves. */
export const createRuntime = command({
  permission: 'runtimes.write',
  input: CreateRuntimeInput,
  scope: (tx, { factoryId }, actor) => factoryScope(tx, actor, factoryId),
  async run(tx, input, actor) {
    const id = crypto.randomUUID()
    const createdBy = actor.kind === 'user' ? actor.userId : null
    await tx.insert(runtimes).values({ id, tenantId: actor.tenantId, createdBy, ...input })
    await tx
      .insert(authKeys)
      .values(authKeyNames.map((name) => ({ runtimeId: id, name, ...makeAuthKey({ runtimeId: id, name }) })))
    const { factoryId, name } = input
    return {
      result: { id, name },
      audit: { action: 'runtime.created', factoryId, entityId: id, entityName: name, after: input },
    }
  },
})
