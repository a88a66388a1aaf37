import { and, asc, eq, ilike, sql } from 'drizzle-orm'
import { factories } from '@/drizzle/schema/factories'
import { runtimes } from '@/drizzle/schema/runtimes'
import { membershipLog } from '@/drizzle/schema/vault'
import { type Context, requirePermission } from '@/lib/command'
import { notFound } from '@/lib/errors'
import { factoryScope } from '@/lib/factories/scope'
import { containing } from '@/lib/like'
import { linkedServicesThrough } from '@/lib/linked-services/users'
import {
  isAfter,
  type NameList,
  type NamePage,
  type NameQuery,
  namesPerList,
  namesPerPage,
  toNamePage,
} from '@/lib/name-page'
import { listNodes, type NodeView } from '@/lib/nodes/queries'
import { selectNodes } from '@/lib/nodes/read'
import { nodeViews } from '@/lib/nodes/view'
import type { VaultTarget } from '@/lib/protocol/enrolment-link'
import { type NodeHealth, noNodes, selectRuntimeHealth } from '@/lib/runtimes/health'
import type { admissionPolicies } from '@/lib/runtimes/schemas'
import { runtimeScope } from '@/lib/runtimes/scope'
import { type RuntimeStatus, runtimeStatus } from '@/lib/runtimes/status'
import { listWaitingTasks, type WaitingTask } from '@/lib/tasks/queries'

export type Runtime = {
  id: string
  tenantId: string
  factoryId: string
  factoryName: string
  name: string
  description: string
  leaseSeconds: number
  admission: (typeof admissionPolicies)[number]
  /** Since when the nodes' signed log says strict; null: it does not. */
  strictSince: Date | null
  /** What a browser seals for; null until the first node made the vault. */
  vault: VaultTarget | null
  createdAt: Date
}
export type RuntimeRow = Pick<Runtime, 'id' | 'name' | 'description' | 'createdAt'> & {
  health: NodeHealth
  linkedServices: number
  /** Tasks that wait for a node. */
  waiting: number
  /** Tasks that nodes hold. */
  running: number
}

/** At most one entry of a log does. */
const saysStrict = sql`${membershipLog.entry} -> 'body' -> 'change' ->> 'op' = 'restrict'`

/** Pages address a runtime by the names of its factory and its own. */
export async function getRuntimeByName(ctx: Context, factoryName: string, name: string): Promise<Runtime> {
  const [found] = await ctx.db
    .select({ runtime: runtimes, factoryName: factories.name, strictSince: membershipLog.createdAt })
    .from(runtimes)
    .innerJoin(factories, eq(factories.id, runtimes.factoryId))
    .leftJoin(membershipLog, and(eq(membershipLog.runtimeId, runtimes.id), saysStrict))
    .where(
      and(
        eq(runtimes.tenantId, ctx.actor.tenantId),
        eq(sql`lower(${factories.name})`, factoryName.toLowerCase()),
        eq(sql`lower(${runtimes.name})`, name.toLowerCase()),
      ),
    )
  if (!found) throw notFound('the integration runtime', name)
  const { tenantId, factoryId, vaultGeneration, vaultPublicKey, ...runtime } = found.runtime
  requirePermission(ctx, 'runtimes.read', { tenantId, factoryId })
  const { id, description, leaseSeconds, admission, createdAt } = runtime
  return {
    id,
    tenantId,
    factoryId,
    factoryName: found.factoryName,
    name: runtime.name,
    description,
    leaseSeconds,
    admission,
    strictSince: found.strictSince,
    createdAt,
    vault: vaultPublicKey ? { generation: vaultGeneration, publicKey: vaultPublicKey } : null,
  }
}

/** A page of the factory's runtimes by name, with the health of their nodes. */
export async function listRuntimes(
  ctx: Context,
  factoryId: string,
  { q = '', after, size = namesPerPage }: NameQuery = {},
): Promise<NamePage<RuntimeRow>> {
  requirePermission(ctx, 'runtimes.read', await factoryScope(ctx.db, ctx.actor, factoryId))
  const { id, name, description, createdAt } = runtimes
  const wanted = and(eq(runtimes.factoryId, factoryId), q ? ilike(name, containing(q)) : undefined)
  const rows = await ctx.db
    .select({
      id,
      name,
      description,
      createdAt,
      linkedServices: sql<number>`(select count(*)::int from linked_services s where s.runtime_id = runtimes.id)`,
      waiting: countTasks(sql`t.state = 'queued'`),
      running: countTasks(sql`t.state in ('leased', 'committing')`),
    })
    .from(runtimes)
    .where(and(wanted, isAfter(name, after)))
    .orderBy(asc(sql`lower(${name})`))
    .limit(size + 1)
  const health = await selectRuntimeHealth(ctx.db, [factoryId])
  const shown = rows.map((row) => ({
    ...row,
    health: health.find(({ runtimeId }) => runtimeId === row.id)?.health ?? noNodes,
  }))
  return toNamePage(shown, { size, total: await ctx.db.$count(runtimes, wanted) })
}

/** What stops a runtime from being deleted. */
export async function listRuntimeUsers(ctx: Context, runtimeId: string): Promise<NameList> {
  requirePermission(ctx, 'runtimes.read', await runtimeScope(ctx.db, ctx.actor, runtimeId))
  return await linkedServicesThrough(ctx.db, runtimeId)
}

/** More do not come between two looks. */
const newestShown = 5

/** What changes by itself on a runtime's pages, in one answer. */
export type RuntimeLive = {
  status: RuntimeStatus
  nodeCount: number
  /** A page of them. */
  nodes: NamePage<NodeView>
  /** Those that came last, the newest first. */
  newest: NodeView[]
  /** The first of those that nobody but a person can let in, and how many they are. */
  awaiting: { nodes: { id: string; displayName: string }[]; total: number }
  vault: VaultTarget | null
  /** Where it was asked for. */
  queue: WaitingTask[] | null
}

export async function getRuntimeLive(
  ctx: Context,
  runtimeId: string,
  { queue = false, ...page }: NameQuery & { queue?: boolean } = {},
): Promise<RuntimeLive> {
  const nodes = await listNodes(ctx, runtimeId, page)
  const all = await selectNodes(ctx.db, eq(runtimes.id, runtimeId))
  const newest = all.toSorted((a, b) => b.registeredAt.getTime() - a.registeredAt.getTime())
  const awaiting = all.filter(({ vault }) => vault.approvalSince)
  const [runtime] = await ctx.db
    .select({ generation: runtimes.vaultGeneration, publicKey: runtimes.vaultPublicKey })
    .from(runtimes)
    .where(eq(runtimes.id, runtimeId))
  const publicKey = runtime?.publicKey
  const vault = runtime && publicKey ? { generation: runtime.generation, publicKey } : null
  return {
    status: runtimeStatus(all.map(({ status, ...node }) => ({ ...node, state: status.state }))),
    nodeCount: all.length,
    nodes,
    newest: await nodeViews(ctx.db, newest.slice(0, newestShown)),
    awaiting: {
      nodes: awaiting.slice(0, namesPerList).map(({ id, displayName }) => ({ id, displayName })),
      total: awaiting.length,
    },
    vault,
    queue: queue ? await listWaitingTasks(ctx, runtimeId) : null,
  }
}

function countTasks(state: ReturnType<typeof sql>) {
  return sql<number>`(select count(*)::int from tasks t where t.runtime_id = runtimes.id and not t.interactive and ${state})`
}
