import { and, eq, inArray, isNull, sql } from 'drizzle-orm'
import type { z } from 'zod'
import { linkedServices } from '@/drizzle/schema/authoring'
import { nodes, runtimes } from '@/drizzle/schema/runtimes'
import { nodeCredentials } from '@/drizzle/schema/vault'
import type { NodeCaller } from '@/lib/auth/node-caller'
import type { Db, Tx } from '@/lib/db/client'
import type { VaultReadyRequest, VaultRefuseRequest } from '@/lib/protocol/vault'
import { wake } from '@/lib/tasks/wake'
import { readMembership } from '@/lib/vault/membership'

type Ready = z.infer<typeof VaultReadyRequest>
type CredentialNote = { linkedServiceId: string; version: number; error: string | null }

/** What a node has really opened: it is given tasks only for these. */
export async function noteReady(db: Db, node: NodeCaller, ready: Ready): Promise<void> {
  const notes = [
    ...ready.opened.map((opened) => ({ ...opened, error: null })),
    ...ready.failed.map(({ reason, ...failed }) => ({ ...failed, error: reason })),
  ]
  await db.transaction(async (tx) => {
    await tx
      .update(nodes)
      .set({
        vaultGeneration: sql`least(${ready.generation}, (select vault_generation from runtimes where id = ${node.runtimeId}))`,
        vaultError: null,
      })
      .where(eq(nodes.id, node.nodeId))
    await keepNotes(tx, node, notes)
  })
  wake([{ runtimeId: node.runtimeId, for: 'nodes', nodeIds: [node.nodeId] }])
}

/** Only about linked services of the node's own runtime, each once. */
async function keepNotes(tx: Tx, node: NodeCaller, notes: CredentialNote[]): Promise<void> {
  const byId = new Map(notes.map((note) => [note.linkedServiceId, note]))
  if (byId.size === 0) return
  const known = await tx
    .select({ id: linkedServices.id })
    .from(linkedServices)
    .where(and(eq(linkedServices.runtimeId, node.runtimeId), inArray(linkedServices.id, [...byId.keys()])))
    .for('key share')
  const rows = known.flatMap(({ id }) => {
    const note = byId.get(id)
    if (!note) return []
    const { version, error } = note
    return [
      {
        nodeId: node.nodeId,
        linkedServiceId: id,
        version,
        error,
        openedAt: error === null ? new Date() : null,
      },
    ]
  })
  if (rows.length === 0) return
  await tx
    .insert(nodeCredentials)
    .values(rows)
    .onConflictDoUpdate({
      target: [nodeCredentials.nodeId, nodeCredentials.linkedServiceId],
      set: {
        version: sql`excluded.version`,
        error: sql`excluded.error`,
        openedAt: sql`excluded.opened_at`,
      },
    })
}

/** A member will not admit a newcomer, or only a person can: it is shown with the node, and nobody is asked again. */
export async function noteRefusal(
  db: Db,
  node: NodeCaller,
  { nodeId, reason, awaitsApproval = false }: z.infer<typeof VaultRefuseRequest>,
): Promise<void> {
  const { members } = await readMembership(db, node.runtimeId)
  if (!members.has(node.nodeId) || members.has(nodeId)) return
  await db
    .update(nodes)
    .set(
      awaitsApproval
        ? { approvalSince: sql`coalesce(approval_since, now())`, vaultError: null }
        : { approvalSince: null, vaultError: `"${node.name}" did not admit it: ${reason}` },
    )
    .where(and(eq(nodes.id, nodeId), eq(nodes.runtimeId, node.runtimeId), isNull(nodes.removedAt)))
}

export async function noteFault(db: Db, node: NodeCaller, reason: string): Promise<void> {
  await db.update(nodes).set({ vaultError: reason }).where(eq(nodes.id, node.nodeId))
}

/** After the admission policy changed: newcomers that were refused are put before the members again. */
export async function reconsiderNewcomers(tx: Tx, runtimeId: string): Promise<void> {
  await tx
    .update(nodes)
    .set({ vaultError: null, approvalSince: null })
    .where(and(eq(nodes.runtimeId, runtimeId), eq(nodes.vaultGeneration, 0), isNull(nodes.removedAt)))
  await tx
    .update(runtimes)
    .set({ vaultVersion: sql`${runtimes.vaultVersion} + 1` })
    .where(eq(runtimes.id, runtimeId))
}
