import { eq } from 'drizzle-orm'
import { nodes } from '@/drizzle/schema/runtimes'
import { command } from '@/lib/command'
import { lockNode } from '@/lib/nodes/lock'
import { type NodeWish, SetNodeWishInput } from '@/lib/nodes/schemas'
import { nodeScope } from '@/lib/nodes/scope'
import { wake } from '@/lib/tasks/wake'

const actions = {
  active: 'node.uncordoned',
  cordoned: 'node.cordoned',
  draining: 'node.drained',
} as const satisfies Record<NodeWish, string>

/** Cordon: no new copies. Drain: besides, what runs is finished or handed back. The node hears it with its held poll. */
export const setNodeWish = command({
  permission: 'nodes.cordon',
  input: SetNodeWishInput,
  scope: (tx, { nodeId }, actor) => nodeScope(tx, actor, nodeId),
  async run(tx, { nodeId, wish }, actor) {
    const { factoryId, runtimeId } = await nodeScope(tx, actor, nodeId)
    const node = await lockNode(tx, nodeId)
    if (node.wish === wish) return { result: { id: nodeId, wish }, audit: null }
    await tx.update(nodes).set({ wish }).where(eq(nodes.id, nodeId))
    return {
      result: { id: nodeId, wish },
      audit: {
        action: actions[wish],
        factoryId,
        entityId: nodeId,
        entityName: node.displayName,
        before: { wish: node.wish },
        after: { wish },
      },
      after: () => wake([{ runtimeId, for: 'nodes', nodeIds: [nodeId] }]),
    }
  },
})
