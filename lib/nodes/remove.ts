import { eq } from 'drizzle-orm'
import { runtimes } from '@/drizzle/schema/runtimes'
import { command } from '@/lib/command'
import { requireTypedName } from '@/lib/errors'
import { detachNode } from '@/lib/nodes/detach'
import { lockNode } from '@/lib/nodes/lock'
import { RemoveNodeInput } from '@/lib/nodes/schemas'
import { nodeScope } from '@/lib/nodes/scope'
import { wake } from '@/lib/tasks/wake'

/** Ends a node's membership: its requests are refused, its tasks move on, and the vault gets a key that it cannot read. */
export const removeNode = command({
  permission: 'nodes.remove',
  input: RemoveNodeInput,
  scope: (tx, { nodeId }, actor) => nodeScope(tx, actor, nodeId),
  async run(tx, { nodeId, confirmName }, actor) {
    const { factoryId, runtimeId, runtimeName } = await nodeScope(tx, actor, nodeId)
    // The runtime before its node: registration and vault work lock in this order too.
    await tx.select({ id: runtimes.id }).from(runtimes).where(eq(runtimes.id, runtimeId)).for('no key update')
    const { displayName, name } = await lockNode(tx, nodeId)
    requireTypedName(confirmName, displayName)
    const wakes = await detachNode(tx, { id: nodeId, runtimeId }, `removed by ${actorName(actor)}`)
    return {
      result: { id: nodeId },
      audit: {
        action: 'node.removed',
        factoryId,
        entityId: nodeId,
        entityName: displayName,
        before: { name, runtime: runtimeName },
      },
      after: () => wake(wakes),
    }
  },
})

function actorName(actor: Parameters<typeof nodeScope>[1]): string {
  return actor.kind === 'system' ? actor.job : actor.name
}
