import type { KeyObject } from 'node:crypto'
import { and, eq, sql } from 'drizzle-orm'
import { nodes, runtimes } from '@/drizzle/schema/runtimes'
import { AgentRefusal } from '@/lib/agent-refusal'
import { appendAudit } from '@/lib/audit/append'
import type { NodeCaller } from '@/lib/auth/node-caller'
import { ed25519Key, type SignedHead, verifySignature } from '@/lib/auth/node-signature'
import type { Db } from '@/lib/db/client'
import { keyFingerprint } from '@/lib/protocol/fingerprint'

type Caller = Pick<NodeCaller, 'signingKey' | 'nextSigningKey'>

export function isSignedWith(head: SignedHead, key: KeyObject, origins: readonly string[]): boolean {
  try {
    verifySignature(head, key, origins)
    return true
  } catch (error) {
    if (error instanceof AgentRefusal) return false
    throw error
  }
}

/** While a node's keys rotate both count. Answers whether the next ones were used; refuses what neither signed. */
export function isSignedByNextKey(
  head: SignedHead,
  { signingKey, nextSigningKey }: Caller,
  origins: readonly string[],
): boolean {
  if (nextSigningKey !== null && isSignedWith(head, ed25519Key(nextSigningKey), origins)) return true
  verifySignature(head, ed25519Key(signingKey), origins)
  return false
}

/** The first use of a node's next keys: the old ones count no more. */
export async function adoptNextKeys(db: Db, caller: NodeCaller): Promise<void> {
  const { nodeId, runtimeId, tenantId, name, nextSigningKey, signingKey, vaultKey } = caller
  if (nextSigningKey === null) return
  await db.transaction(async (tx) => {
    const [adopted] = await tx
      .update(nodes)
      .set({
        signingKey: sql`${nodes.nextSigningKey}`,
        vaultKey: sql`${nodes.nextVaultKey}`,
        vaultKeySignature: sql`${nodes.nextVaultKeySignature}`,
        keysSince: sql`now()`,
        nextSigningKey: null,
        nextVaultKey: null,
        nextVaultKeySignature: null,
        nextKeysAt: null,
      })
      .where(and(eq(nodes.id, nodeId), eq(nodes.nextSigningKey, nextSigningKey)))
      .returning({ signingKey: nodes.signingKey, vaultKey: nodes.vaultKey })
    // Another request with the new keys came first.
    if (!adopted) return
    const [runtime] = await tx
      .select({ factoryId: runtimes.factoryId })
      .from(runtimes)
      .where(eq(runtimes.id, runtimeId))
    await appendAudit(
      tx,
      { kind: 'node', nodeId, name, runtimeId, tenantId },
      {
        action: 'node.keysRotated',
        factoryId: runtime?.factoryId,
        entityId: nodeId,
        entityName: name,
        before: { fingerprint: await keyFingerprint({ signingKey, vaultKey }) },
        after: { fingerprint: await keyFingerprint(adopted) },
      },
    )
  })
}
