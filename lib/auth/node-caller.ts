import { eq } from 'drizzle-orm'
import { nodes } from '@/drizzle/schema/runtimes'
import { AgentRefusal } from '@/lib/agent-refusal'
import type { Db } from '@/lib/db/client'
import { Id } from '@/lib/protocol/scalars'

/** The enrolled node that signed a request. Its flags are read on every request: there is no session to revoke. */
export type NodeCaller = {
  nodeId: string
  runtimeId: string
  tenantId: string
  name: string
  signingKey: string
  vaultKey: string
  lastPollAt: Date | null
  incarnation: string | null
  previousIncarnation: string | null
  incarnationSince: Date | null
}

/** `keyId` of a signature by an enrolled node is the node's id. */
export async function findCaller(
  db: Db,
  keyId: string,
): Promise<NodeCaller & { removedAt: Date | null; quarantinedAt: Date | null }> {
  const [node] = Id.safeParse(keyId).success
    ? await db
        .select({
          nodeId: nodes.id,
          runtimeId: nodes.runtimeId,
          tenantId: nodes.tenantId,
          name: nodes.name,
          signingKey: nodes.signingKey,
          vaultKey: nodes.vaultKey,
          lastPollAt: nodes.lastPollAt,
          incarnation: nodes.incarnation,
          previousIncarnation: nodes.previousIncarnation,
          incarnationSince: nodes.incarnationSince,
          removedAt: nodes.removedAt,
          quarantinedAt: nodes.quarantinedAt,
        })
        .from(nodes)
        .where(eq(nodes.id, keyId))
    : []
  if (!node)
    throw new AgentRefusal(
      'unknown_node',
      'This portal does not know the node: it or its integration runtime was deleted. Register it again',
    )
  return node
}

/** Called once the signature was checked, so that only the node itself learns of it. */
export function requireWelcome(node: {
  name: string
  removedAt: Date | null
  quarantinedAt: Date | null
}): void {
  if (node.removedAt)
    throw new AgentRefusal(
      'revoked',
      `The node "${node.name}" was removed from its integration runtime. Register it again`,
    )
  if (node.quarantinedAt) throw quarantined(node.name)
}

export function quarantined(name: string): AgentRefusal {
  return new AgentRefusal(
    'quarantined',
    `The node "${name}" is quarantined: two machines use its identity. Remove the node in the portal and register each machine anew`,
    60,
  )
}
