import { eq } from 'drizzle-orm'
import { nodes } from '@/drizzle/schema/runtimes'
import { command } from '@/lib/command'
import { lockNode } from '@/lib/nodes/lock'
import { RenameNodeInput } from '@/lib/nodes/schemas'
import { nodeScope } from '@/lib/nodes/scope'

/** The name that people see. The one given at registration stays: logs and the vault's membership carry it. */
export const renameNode = command({
  permission: 'nodes.write',
  input: RenameNodeInput,
  scope: (tx, { nodeId }, actor) => nodeScope(tx, actor, nodeId),
  async run(tx, { nodeId, displayName }, actor) {
    const { factoryId } = await nodeScope(tx, actor, nodeId)
    const node = await lockNode(tx, nodeId)
    await tx.update(nodes).set({ displayName }).where(eq(nodes.id, nodeId))
    return {
      result: { id: nodeId, displayName },
      audit: {
        action: 'node.renamed',
        factoryId,
        entityId: nodeId,
        entityName: displayName,
        before: { displayName: node.displayName },
        after: { displayName },
      },
    }
  },
})
