import { and, eq, isNull } from 'drizzle-orm'
import { nodes } from '@/drizzle/schema/runtimes'
import type { Tx } from '@/lib/db/client'
import { notFound } from '@/lib/errors'

/** The node's row for a change; one that was removed meanwhile is not found. */
export async function lockNode(tx: Tx, nodeId: string): Promise<typeof nodes.$inferSelect> {
  const [node] = await tx
    .select()
    .from(nodes)
    .where(and(eq(nodes.id, nodeId), isNull(nodes.removedAt)))
    .for('no key update')
  if (!node) throw notFound('the node', nodeId)
  return node
}
