import { desc, eq, sql } from 'drizzle-orm'
import { users } from '@/drizzle/schema/tenants'
import { enrolmentLinks, nodes } from '@/drizzle/schema/runtimes'
import { readAgentFile } from '@/lib/agent-file'
import { type Context, requirePermission } from '@/lib/command'
import { portal } from '@/lib/portal'
import { runtimeScope } from '@/lib/runtimes/scope'

export type LinkState = 'waiting' | 'used' | 'expired' | 'revoked'
export type EnrolmentLinkRow = {
  id: string
  state: LinkState
  createdAt: Date
  createdBy: string | null
  expiresAt: Date
  usedAt: Date | null
  /** The node that came by it; null when it was deleted with its runtime. */
  usedBy: { id: string; name: string; removed: boolean } | null
  revokedAt: Date | null
}

const mostLinks = 50

/** The newest links of a runtime with what became of them. What they were is not known to the portal. */
export async function listEnrolmentLinks(ctx: Context, runtimeId: string): Promise<EnrolmentLinkRow[]> {
  requirePermission(ctx, 'enrolmentLinks.read', await runtimeScope(ctx.db, ctx.actor, runtimeId))
  const rows = await ctx.db
    .select({
      link: enrolmentLinks,
      isOver: sql<boolean>`${enrolmentLinks.expiresAt} <= clock_timestamp()`,
      createdBy: users.name,
      node: nodes.displayName,
      removedAt: nodes.removedAt,
    })
    .from(enrolmentLinks)
    .leftJoin(users, eq(users.id, enrolmentLinks.createdBy))
    .leftJoin(nodes, eq(nodes.id, enrolmentLinks.usedByNodeId))
    .where(eq(enrolmentLinks.runtimeId, runtimeId))
    .orderBy(desc(enrolmentLinks.createdAt), desc(enrolmentLinks.id))
    .limit(mostLinks)
  return rows.map(({ link, isOver, createdBy, node, removedAt }) => ({
    id: link.id,
    state: linkState(link, isOver),
    createdAt: link.createdAt,
    createdBy,
    expiresAt: link.expiresAt,
    usedAt: link.usedAt,
    usedBy:
      link.usedByNodeId && node ? { id: link.usedByNodeId, name: node, removed: removedAt !== null } : null,
    revokedAt: link.revokedAt,
  }))
}

function linkState(link: { usedAt: Date | null; revokedAt: Date | null }, isOver: boolean): LinkState {
  if (link.usedAt) return 'used'
  if (link.revokedAt) return 'revoked'
  return isOver ? 'expired' : 'waiting'
}

export type InstallSource = {
  portalUrl: string
  /** See lib/portal.ts. */
  fingerprint: string | null
  serverKeyPin: string | null
  /** SHA-256 of the agent's file, hex; null where it was not built. */
  agentSha256: string | null
}

/** What an install line needs to know of the portal. */
export async function getInstallSource(ctx: Context, runtimeId: string): Promise<InstallSource> {
  requirePermission(ctx, 'runtimes.read', await runtimeScope(ctx.db, ctx.actor, runtimeId))
  const { publicUrl, fingerprint, serverKeyPin } = portal()
  const file = await readAgentFile()
  return { portalUrl: publicUrl, fingerprint, serverKeyPin, agentSha256: file?.sha256 ?? null }
}
