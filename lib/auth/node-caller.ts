import { eq, sql } from 'drizzle-orm'
import { nodes } from '@/drizzle/schema/runtimes'
import { AgentRefusal } from '@/lib/agent-refusal'
import { insertNonce } from '@/lib/auth/node-nonces'
import { clockMs } from '@/lib/db/clock'
import type { Db } from '@/lib/db/client'
import { Id } from '@/lib/protocol/scalars'

/** The enrolled node that signed a request. Its flags are read on every request: there is no session to revoke. */
export type NodeCaller = {
  nodeId: string
  runtimeId: string
  tenantId: string
  name: string
  signingKey: string
  /** Offered, and not used yet. */
  nextSigningKey: string | null
  vaultKey: string
  slotsTotal: number
  lastPollAt: Date | null
  incarnation: string | null
  previousIncarnation: string | null
  incarnationSince: Date | null
  /** When it asked, by the database's clock; milliseconds. */
  askedMs: number
}

/** `removedAt` and `quarantinedAt` are for {@link requireWelcome}. */
export type FoundCaller = NodeCaller & { removedAt: Date | null; quarantinedAt: Date | null }

/** `keyId` of a signature by an enrolled node is the node's id. */
export async function findCaller(db: Db, keyId: string): Promise<FoundCaller> {
  const [node] = Id.safeParse(keyId).success
    ? await db.select(callerColumns).from(nodes).where(eq(nodes.id, keyId))
    : []
  if (!node) throw unknownNode()
  return node
}

/** The same for a node whose signature was checked already: finds it and spends its nonce in one statement. */
export async function meetCaller(
  db: Db,
  nodeId: string,
  nonce: string,
): Promise<{ node: FoundCaller; isFresh: boolean }> {
  const spent = db.$with('spent').as(insertNonce(db, nodeId, nonce))
  const [met] = await db
    .with(spent)
    .select({ node: callerColumns, isFresh: sql<boolean>`exists (select from ${spent})` })
    .from(nodes)
    .where(eq(nodes.id, nodeId))
  if (!met) throw unknownNode()
  return met
}

const callerColumns = {
  nodeId: nodes.id,
  runtimeId: nodes.runtimeId,
  tenantId: nodes.tenantId,
  name: nodes.name,
  signingKey: nodes.signingKey,
  nextSigningKey: nodes.nextSigningKey,
  vaultKey: nodes.vaultKey,
  slotsTotal: nodes.slotsTotal,
  lastPollAt: nodes.lastPollAt,
  incarnation: nodes.incarnation,
  previousIncarnation: nodes.previousIncarnation,
  incarnationSince: nodes.incarnationSince,
  askedMs: clockMs,
  removedAt: nodes.removedAt,
  quarantinedAt: nodes.quarantinedAt,
}

function unknownNode(): AgentRefusal {
  return new AgentRefusal(
    'unknown_node',
    'This portal does not know the node: it or its integration runtime was deleted. Register it again',
  )
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
