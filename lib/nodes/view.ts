import type { ReadDb } from '@/lib/db/client'
import type { NodeView, ReasonView } from '@/lib/nodes/queries'
import { type NodeRow, selectNodeTasks } from '@/lib/nodes/read'
import { keyFingerprint } from '@/lib/protocol/fingerprint'

/** Nodes as pages show them, with what they hold. The caller has authorised. */
export async function nodeViews(db: ReadDb, rows: NodeRow[]): Promise<NodeView[]> {
  const tasks = await selectNodeTasks(
    db,
    rows.map(({ id }) => id),
  )
  const shown = rows.map(async (row): Promise<NodeView> => ({
    id: row.id,
    runtimeId: row.runtimeId,
    name: row.name,
    displayName: row.displayName,
    state: row.status.state,
    wish: row.wish,
    reason: reasonView(row),
    machine: row.machine,
    policy: row.policy,
    address: row.address,
    lastSeenAt: row.lastSeenAt?.toISOString() ?? null,
    quarantinedAt: row.quarantinedAt?.toISOString() ?? null,
    registeredAt: row.registeredAt.toISOString(),
    registeredVia: row.registeredVia,
    slotsTotal: row.slotsTotal,
    resources: row.resources,
    measuredAt: row.resources ? (row.lastSeenAt?.toISOString() ?? null) : null,
    fingerprint: await keyFingerprint(row),
    keys: {
      since: (row.keysSince ?? row.registeredAt).toISOString(),
      nextAt: row.nextKeysAt?.toISOString() ?? null,
    },
    vault: { ...row.vault, approvalSince: row.vault.approvalSince?.toISOString() ?? null },
    credentials: row.credentials,
    tasks: tasks.filter(({ nodeId }) => nodeId === row.id),
  }))
  return await Promise.all(shown)
}

function reasonView({ status }: NodeRow): ReasonView {
  const { since, evidence, ...words } = status.reason
  return {
    ...words,
    since: since?.toISOString() ?? null,
    evidence: evidence.map(({ at, ...fact }) => (at ? { ...fact, at: at.toISOString() } : fact)),
  }
}
