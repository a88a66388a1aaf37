import { eq, sql } from 'drizzle-orm'
import { nodes, runtimes } from '@/drizzle/schema/runtimes'
import type { Tx } from '@/lib/db/client'
import { takeBackFrom } from '@/lib/tasks/sweep'
import type { Wake } from '@/lib/tasks/wake'
import { forgetLostVault } from '@/lib/vault/lost-vault'

/**
 * Ends a node's membership, whoever asked for it: its signature counts no more, its tasks move on, and the remaining nodes
 * are told to make a vault key that it cannot read. Answers whom to wake after the commit.
 */
export async function detachNode(
  tx: Tx,
  node: { id: string; runtimeId: string },
  reason: string,
): Promise<Wake[]> {
  await tx
    .update(nodes)
    .set({ removedAt: sql`now()`, removedReason: reason })
    .where(eq(nodes.id, node.id))
  const wakes = await takeBackFrom(tx, node.id)
  await tx
    .update(runtimes)
    .set({ vaultVersion: sql`${runtimes.vaultVersion} + 1` })
    .where(eq(runtimes.id, node.runtimeId))
  await forgetLostVault(tx, node.runtimeId)
  return [
    ...wakes,
    { runtimeId: node.runtimeId, for: 'nodes', nodeIds: [node.id] },
    { runtimeId: node.runtimeId, for: 'all' },
  ]
}
