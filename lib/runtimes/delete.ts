import { and, eq, inArray, isNull } from 'drizzle-orm'
import { nodes, runtimes } from '@/drizzle/schema/runtimes'
import { tasks } from '@/drizzle/schema/runs'
import { command } from '@/lib/command'
import type { Tx } from '@/lib/db/client'
import { conflict, notFound, requireTypedName } from '@/lib/errors'
import { linkedServicesThrough } from '@/lib/linked-services/users'
import { namesOf } from '@/lib/phrases'
import { DeleteRuntimeInput } from '@/lib/runtimes/schemas'
import { runtimeScope } from '@/lib/runtimes/scope'
import { wakeRuntimes } from '@/lib/tasks/wake'

/** Deletes a runtime with its nodes, keys, links and vault. Refused while something would be left hanging. */
export const deleteRuntime = command({
  permission: 'runtimes.delete',
  input: DeleteRuntimeInput,
  scope: (tx, { runtimeId }, actor) => runtimeScope(tx, actor, runtimeId),
  async run(tx, { runtimeId, confirmName }) {
    const [runtime] = await tx.select().from(runtimes).where(eq(runtimes.id, runtimeId)).for('update')
    if (!runtime) throw notFound('the integration runtime', runtimeId)
    const { name, description, factoryId } = runtime
    requireTypedName(confirmName, name)
    await requireUnused(tx, runtimeId, name)
    const nodeCount = await tx.$count(nodes, and(eq(nodes.runtimeId, runtimeId), isNull(nodes.removedAt)))
    await tx.delete(runtimes).where(eq(runtimes.id, runtimeId))
    return {
      result: { id: runtimeId, name },
      audit: {
        action: 'runtime.deleted',
        factoryId,
        entityId: runtimeId,
        entityName: name,
        before: { name, description, nodes: nodeCount },
      },
      // Its nodes hear at once that they are not known any more.
      after: () => wakeRuntimes([runtimeId]),
    }
  },
})

async function requireUnused(tx: Tx, runtimeId: string, name: string): Promise<void> {
  const users = await linkedServicesThrough(tx, runtimeId)
  if (users.total > 0)
    throw conflict(
      `Cannot delete the integration runtime "${name}": the ${namesOf('linked service', users)} connect${users.total === 1 ? 's' : ''} through it. Move or delete ${users.total === 1 ? 'it' : 'them'} first`,
    )
  const active = await tx.$count(
    tasks,
    and(
      eq(tasks.runtimeId, runtimeId),
      eq(tasks.interactive, false),
      inArray(tasks.state, ['queued', 'leased', 'committing']),
    ),
  )
  if (active > 0)
    throw conflict(
      `Cannot delete the integration runtime "${name}" while runs are in progress on it. Cancel them, or wait until they end`,
    )
}
