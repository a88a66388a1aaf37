import { and, asc, eq, gt, ilike, isNull, or, sql } from 'drizzle-orm'
import { linkedServices } from '@/drizzle/schema/authoring'
import { nodes, runtimes } from '@/drizzle/schema/runtimes'
import { nodeCredentials } from '@/drizzle/schema/vault'
import { type Context, requirePermission } from '@/lib/command'
import { notFound } from '@/lib/errors'
import { containing } from '@/lib/like'
import { type NamePage, type NameQuery, namesPerPage } from '@/lib/name-page'
import { type NodeTask, selectNodes } from '@/lib/nodes/read'
import type { NodeState, NodeWish } from '@/lib/nodes/schemas'
import { nodeScope } from '@/lib/nodes/scope'
import { nodeViews } from '@/lib/nodes/view'
import type { NodeMachine, NodePolicy } from '@/lib/protocol/enrolment'
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

/**
 * A page of the runtime's nodes by name, with what they run at this moment; `q` looks into name and address. Names that
 * people see may be alike, so a page goes on after a node's id.
 */
export async function listNodes(
  ctx: Context,
  runtimeId: string,
  { q = '', after, size = namesPerPage }: NameQuery = {},
): Promise<NamePage<NodeView>> {
  requirePermission(ctx, 'nodes.read', await runtimeScope(ctx.db, ctx.actor, runtimeId))
  const pattern = containing(q)
  const wanted = and(
    eq(nodes.runtimeId, runtimeId),
    isNull(nodes.removedAt),
    q ? or(ilike(nodes.displayName, pattern), ilike(nodes.address, pattern)) : undefined,
  )
  const place = sql`(lower(${nodes.displayName}), ${nodes.id})`
  const isLater = after
    ? sql`${place} > (select lower(x.display_name), x.id from ${nodes} x where x.id = ${after})`
    : undefined
  const rows = await selectNodes(ctx.db, and(wanted, isLater), size + 1)
  return {
    rows: await nodeViews(ctx.db, rows.slice(0, size)),
    next: rows.length > size ? (rows[size - 1]?.id ?? null) : null,
    total: await ctx.db.$count(nodes, wanted),
  }
}

export async function getNode(ctx: Context, nodeId: string): Promise<NodeView> {
  requirePermission(ctx, 'nodes.read', await nodeScope(ctx.db, ctx.actor, nodeId))
  const [view] = await nodeViews(ctx.db, await selectNodes(ctx.db, eq(nodes.id, nodeId)))
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
