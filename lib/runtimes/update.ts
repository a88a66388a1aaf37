import { eq } from 'drizzle-orm'
import { runtimes } from '@/drizzle/schema/runtimes'
import { command } from '@/lib/command'
import { conflict, notFound } from '@/lib/errors'
import { UpdateRuntimeInput } from '@/lib/runtimes/schemas'
import { runtimeScope } from '@/lib/runtimes/scope'
import { wakeRuntimes } from '@/lib/tasks/wake'
import { reconsiderNewcomers } from '@/lib/vault/notes'

export const updateRuntime = command({
  permission: 'runtimes.write',
  input: UpdateRuntimeInput,
  scope: (tx, { runtimeId }, actor) => runtimeScope(tx, actor, runtimeId),
  async run(tx, { runtimeId, ...after }) {
    const [runtime] = await tx.select().from(runtimes).where(eq(runtimes.id, runtimeId)).for('update')
    if (!runtime) throw notFound('the integration runtime', runtimeId)
    const { description, admission, leaseSeconds } = runtime
    if (admission === 'strict' && after.admission === 'standard' && runtime.vaultGeneration > 0)
      throw staysStrict()
    await tx.update(runtimes).set(after).where(eq(runtimes.id, runtimeId))
    // Nodes that the old policy kept waiting may be let in by the new one.
    if (after.admission !== admission) await reconsiderNewcomers(tx, runtimeId)
    return {
      result: { id: runtimeId, name: runtime.name },
      audit: {
        action: 'runtime.updated',
        factoryId: runtime.factoryId,
        entityId: runtimeId,
        entityName: runtime.name,
        before: { description, admission, leaseSeconds },
        after,
      },
      after: () => wakeRuntimes([runtimeId]),
    }
  },
})

/** The nodes remember it: otherwise a hacked portal would only have to say "standard" again. */
function staysStrict() {
  const message = 'A runtime whose nodes know it as strict stays strict. Create another runtime instead'
  return conflict(message, { admission: [message] })
}
