import { and, eq, isNotNull, sql } from 'drizzle-orm'
import { linkedServices } from '@/drizzle/schema/authoring'
import { nodeCredentials } from '@/drizzle/schema/vault'
import { AgentRefusal } from '@/lib/agent-refusal'
import type { NodeCaller } from '@/lib/auth/node-caller'
import type { Tx } from '@/lib/db/client'
import type { SealedCredential } from '@/lib/protocol/stores'

type Rotation = {
  node: NodeCaller
  generation: number
  vaultVersion: number
  resealed: SealedCredential[]
}

/**
 * Replaces every credential by its form for the new generation. None may stay behind under a key that a removed node has,
 * except what the rotating node could never open; the page of the linked service asks for that one again.
 */
export async function storeResealed(tx: Tx, rotation: Rotation): Promise<void> {
  const { node, generation, vaultVersion, resealed } = rotation
  const bySecret = new Map(resealed.map((sealed) => [sealed.linkedServiceId, sealed]))
  const services = await tx
    .select({ id: linkedServices.id, version: linkedServices.credentialVersion })
    .from(linkedServices)
    .where(and(eq(linkedServices.runtimeId, node.runtimeId), isNotNull(linkedServices.sealedCredential)))
    .for('update')
  const unopened = await unopenedBy(tx, node.nodeId)
  for (const { id, version } of services) {
    const sealed = bySecret.get(id)
    if (sealed?.version === version && sealed.generation === generation)
      await tx
        .update(linkedServices)
        .set({ sealedCredential: sealed, vaultVersion })
        .where(eq(linkedServices.id, id))
    else if (!unopened.has(`${id}/${version}`))
      throw new AgentRefusal('conflict', 'A credential changed meanwhile. Pull and decide anew')
  }
}

async function unopenedBy(tx: Tx, nodeId: string): Promise<Set<string>> {
  const rows = await tx
    .select({ id: nodeCredentials.linkedServiceId, version: nodeCredentials.version })
    .from(nodeCredentials)
    .where(and(eq(nodeCredentials.nodeId, nodeId), sql`${nodeCredentials.error} is not null`))
  return new Set(rows.map(({ id, version }) => `${id}/${version}`))
}
