import { and, asc, eq, gt, isNull, sql } from 'drizzle-orm'
import { linkedServices } from '@/drizzle/schema/authoring'
import { nodes, runtimes } from '@/drizzle/schema/runtimes'
import { nodeCredentials } from '@/drizzle/schema/vault'
import { type Context, requirePermission } from '@/lib/command'
import { notFound } from '@/lib/errors'
import { type NodeRow, type NodeTask, selectNodes, selectNodeTasks } from '@/lib/nodes/read'
import type { NodeState, NodeWish } from '@/lib/nodes/schemas'
import { nodeScope } from '@/lib/nodes/scope'
import type { NodeMachine, NodePolicy } from '@/lib/protocol/enrolment'
import { keyFingerprint } from '@/lib/protocol/fingerprint'
import type { Resources } from '@/lib/protocol/task'
import { runtimeScope } from '@/lib/runtimes/scope'

/** A node as pages show it. Times are ISO text, so that a live read is the same as the first one. */
export type NodeView = {
  id: string
  runtimeId: string
  name: string
  displayName: string
  state: NodeState
  wish: NodeWish
  reason: ReasonView
  machine: NodeMachine
  policy: NodePolicy | null
  address: string
  lastSeenAt: string | null
  quarantinedAt: string | null
  registeredAt: string
  registeredVia: { by: 'authKey'; name: string } | { by: 'link'; linkId: string; proof: string }
  slotsTotal: number
  resources: Resources | null
  /** When the resources were measured: with the last poll or heartbeat. */
  measuredAt: string | null
  /** Of its two keys, as this portal knows them: to be compared with what the machine itself shows. */
  fingerprint: string
  /** Since when they count, and since when others are offered that were not used yet. */
  keys: { since: string; nextAt: string | null }
  vault: {
    generation: number
    runtimeGeneration: number
    error: string | null
    /** Since when only a person's approval can admit it. */
    approvalSince: string | null
  }
  credentials: { opened: number; total: number }
  tasks: NodeTask[]
}
export type ReasonView = {
  since: string | null
  evidence: { term: string; value?: string; at?: string }[]
  rule: string
  next: string
  remedies: string[]
}

/** The nodes of a runtime with what they run at this moment. */
export async function listNodes(ctx: Context, runtimeId: string): Promise<NodeView[]> {
  requirePermission(ctx, 'nodes.read', await runtimeScope(ctx.db, ctx.actor, runtimeId))
  return await views(ctx, await selectNodes(ctx.db, eq(nodes.runtimeId, runtimeId)))
}

export async function getNode(ctx: Context, nodeId: string): Promise<NodeView> {
  requirePermission(ctx, 'nodes.read', await nodeScope(ctx.db, ctx.actor, nodeId))
  const [view] = await views(ctx, await selectNodes(ctx.db, eq(nodes.id, nodeId)))
  if (!view) throw notFound('the node', nodeId)
  return view
}

/** Names of the nodes that hold the runtime's newest vault key, and so can let others in. */
export async function listVaultMembers(ctx: Context, runtimeId: string): Promise<string[]> {
  requirePermission(ctx, 'nodes.read', await runtimeScope(ctx.db, ctx.actor, runtimeId))
  const rows = await ctx.db
    .select({ name: nodes.displayName })
    .from(nodes)
    .innerJoin(runtimes, eq(runtimes.id, nodes.runtimeId))
    .where(
      and(
        eq(nodes.runtimeId, runtimeId),
        isNull(nodes.removedAt),
        gt(nodes.vaultGeneration, 0),
        eq(nodes.vaultGeneration, runtimes.vaultGeneration),
      ),
    )
    .orderBy(asc(nodes.displayName))
  return rows.map(({ name }) => name)
}

export type NodeCredentialRow = {
  linkedServiceId: string
  linkedServiceName: string
  /** The version that counts now, and the newest that this node opened; null: none. */
  version: number
  openedVersion: number | null
  openedAt: string | null
  error: string | null
}

/** A runtime may reach thousands of stores; those that need looking at come first. */
const mostCredentials = 100

/** Credentials of the node's runtime, and whether this node has really opened them. */
export async function listNodeCredentials(ctx: Context, nodeId: string): Promise<NodeCredentialRow[]> {
  const scope = await nodeScope(ctx.db, ctx.actor, nodeId)
  requirePermission(ctx, 'nodes.read', scope)
  const rows = await ctx.db
    .select({
      linkedServiceId: linkedServices.id,
      linkedServiceName: linkedServices.name,
      version: linkedServices.credentialVersion,
      seenVersion: nodeCredentials.version,
      openedAt: nodeCredentials.openedAt,
      error: nodeCredentials.error,
    })
    .from(linkedServices)
    .leftJoin(
      nodeCredentials,
      and(eq(nodeCredentials.linkedServiceId, linkedServices.id), eq(nodeCredentials.nodeId, nodeId)),
    )
    .where(and(eq(linkedServices.runtimeId, scope.runtimeId), sql`${linkedServices.credentialVersion} > 0`))
    .orderBy(asc(isOpen), asc(sql`lower(${linkedServices.name})`))
    .limit(mostCredentials)
  return rows.map(({ seenVersion, openedAt, ...row }) => ({
    ...row,
    openedVersion: openedAt ? seenVersion : null,
    openedAt: openedAt?.toISOString() ?? null,
  }))
}

const isOpen = sql`(${nodeCredentials.openedAt} is not null and ${nodeCredentials.error} is null and ${nodeCredentials.version} >= ${linkedServices.credentialVersion}) is true`

async function views(ctx: Context, rows: NodeRow[]): Promise<NodeView[]> {
  const tasks = await selectNodeTasks(
    ctx.db,
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
