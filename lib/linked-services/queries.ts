import { and, asc, count, eq, ilike, inArray, isNull, or, type SQL, sql } from 'drizzle-orm'
import { datasets, linkedServices } from '@/drizzle/schema/authoring'
import { nodes, runtimes } from '@/drizzle/schema/runtimes'
import { nodeCredentials } from '@/drizzle/schema/vault'
import { type Context, requirePermission } from '@/lib/command'
import { datasetsIn, pipelinesNaming } from '@/lib/datasets/users'
import { notFound } from '@/lib/errors'
import { containing } from '@/lib/like'
import { describeAddress } from '@/lib/linked-services/address'
import { LinkedServiceDefinition } from '@/lib/linked-services/schemas'
import {
  isAfter,
  type NameList,
  type NamePage,
  type NameQuery,
  namesPerPage,
  toNamePage,
} from '@/lib/name-page'
import type { StoreAddress, StoreType } from '@/lib/protocol/stores'

export type LinkedServiceSummary = {
  id: string
  name: string
  type: StoreType
  address: StoreAddress
  runtimeId: string
  runtimeName: string
  credentialVersion: number
  /** The last node that could open the secret is gone: it must be entered again. */
  isCredentialLost: boolean
  /** Nodes of the runtime, and how many of them have opened the present credential. */
  nodeCount: number
  openedCount: number
  datasetCount: number
  updatedAt: Date
}
export type CredentialOnNode = {
  nodeId: string
  nodeName: string
  /** The version that the node has opened, 0 before the first. */
  version: number
  openedAt: Date | null
  error: string | null
}
export type LinkedService = LinkedServiceSummary & {
  factoryId: string
  definition: LinkedServiceDefinition
  createdAt: Date
  /** The first of its runtime's nodes; those that have not opened it stand before the others. */
  credentialOnNodes: CredentialOnNode[]
  usedBy: { datasets: NameList; pipelines: NameList }
}
/** What the browser needs to seal a secret for the nodes of a runtime. `publicKey` is null while there is no vault. */
export type RuntimeVault = {
  runtimeId: string
  runtimeName: string
  generation: number
  publicKey: string | null
  nodeCount: number
}
/** The first that fit, and how many there are. */
export type RuntimeVaults = { rows: RuntimeVault[]; total: number }
type InFactory = { id: string; tenantId: string }

const byName = asc(sql`lower(${linkedServices.name})`)

const summary = {
  id: linkedServices.id,
  name: linkedServices.name,
  type: linkedServices.type,
  address: linkedServices.address,
  runtimeId: linkedServices.runtimeId,
  runtimeName: runtimes.name,
  credentialVersion: linkedServices.credentialVersion,
  isCredentialLost: sql<boolean>`(${linkedServices.credentialVersion} > 0 and ${linkedServices.sealedCredential} is null)`,
  updatedAt: linkedServices.updatedAt,
}

/** Nodes of the runtime, and those of them that have opened the present credential. */
const onNodes = {
  nodeCount: sql<number>`(select count(*)::int from ${nodes} where ${nodes.runtimeId} = ${linkedServices.runtimeId} and ${nodes.removedAt} is null)`,
  openedCount: sql<number>`(select count(*)::int from ${nodeCredentials} join ${nodes} on ${nodes.id} = ${nodeCredentials.nodeId} where ${nodeCredentials.linkedServiceId} = ${linkedServices.id} and ${nodeCredentials.version} = ${linkedServices.credentialVersion} and ${nodeCredentials.openedAt} is not null and ${nodeCredentials.error} is null and ${nodes.removedAt} is null)`,
}

/** A page of the factory's linked services, by name; `q` looks into name, address and runtime. */
export async function listLinkedServices(
  ctx: Context,
  factory: InFactory,
  { q = '', after, size = namesPerPage }: NameQuery = {},
): Promise<NamePage<LinkedServiceSummary>> {
  requireRead(ctx, factory)
  const wanted = and(inFactory(ctx, factory), q ? or(matches(q), isThrough(q)) : undefined)
  const rows = await ctx.db
    .select({
      ...summary,
      ...onNodes,
      datasetCount: sql<number>`(select count(*)::int from ${datasets} where ${datasets.linkedServiceId} = ${linkedServices.id})`,
    })
    .from(linkedServices)
    .innerJoin(runtimes, eq(runtimes.id, linkedServices.runtimeId))
    .where(and(wanted, isAfter(linkedServices.name, after)))
    .orderBy(byName)
    .limit(size + 1)
  return toNamePage(rows, { size, total: await ctx.db.$count(linkedServices, wanted) })
}

/** A linked service to choose in a form. */
export type StoreChoice = {
  id: string
  name: string
  type: StoreType
  runtimeId: string
  runtimeName: string
  /** For people. */
  address: string
  /** Changes with the linked service: what was read from it before may be different now. */
  version: string
}
/** The first that fit, and how many there are. */
export type StoreChoices = { rows: StoreChoice[]; total: number }

/** For forms that choose a linked service: the first that `q` finds, and those of these names wherever they stand. */
export async function listStoreChoices(
  ctx: Context,
  factory: InFactory,
  { q = '', names = [], size = namesPerPage }: { q?: string; names?: readonly string[]; size?: number } = {},
): Promise<StoreChoices> {
  requireRead(ctx, factory)
  const wanted = and(inFactory(ctx, factory), q ? matches(q) : undefined)
  const select = () =>
    ctx.db.select(summary).from(linkedServices).innerJoin(runtimes, eq(runtimes.id, linkedServices.runtimeId))
  const found = await select().where(wanted).orderBy(byName).limit(size)
  const lower = names.map((name) => name.toLowerCase())
  const missing = lower.filter((name) => !found.some((row) => row.name.toLowerCase() === name))
  const named =
    missing.length > 0
      ? await select().where(
          and(inFactory(ctx, factory), inArray(sql`lower(${linkedServices.name})`, missing)),
        )
      : []
  return {
    rows: [...found, ...named].map(toStoreChoice),
    total: await ctx.db.$count(linkedServices, wanted),
  }
}

function toStoreChoice(row: Pick<LinkedServiceSummary, keyof typeof summary>): StoreChoice {
  const { id, name, type, runtimeId, runtimeName, address, updatedAt } = row
  const version = updatedAt.toISOString()
  return { id, name, type, runtimeId, runtimeName, address: describeAddress(address), version }
}

export async function getLinkedService(
  ctx: Context,
  factory: InFactory,
  name: string,
): Promise<LinkedService> {
  requireRead(ctx, factory)
  const [row] = await ctx.db
    .select({
      ...summary,
      ...onNodes,
      factoryId: linkedServices.factoryId,
      definition: linkedServices.definition,
      createdAt: linkedServices.createdAt,
    })
    .from(linkedServices)
    .innerJoin(runtimes, eq(runtimes.id, linkedServices.runtimeId))
    .where(and(inFactory(ctx, factory), eq(sql`lower(${linkedServices.name})`, name.toLowerCase())))
  if (!row) throw notFound('the linked service', name)
  const credentialOnNodes = await listCredentialOnNodes(ctx, row)
  const usedBy = await findUsers(ctx, row)
  return {
    ...row,
    // Database JSON has an order of its own; people read Data Factory's.
    definition: LinkedServiceDefinition.parse(row.definition),
    datasetCount: usedBy.datasets.total,
    credentialOnNodes,
    usedBy,
  }
}

/** The first runtimes that `q` finds, with what a browser needs to seal for them, and those of these names wherever they stand. */
export async function listRuntimeVaults(
  ctx: Context,
  factory: InFactory,
  { q = '', names = [], size = namesPerPage }: { q?: string; names?: readonly string[]; size?: number } = {},
): Promise<RuntimeVaults> {
  requireRead(ctx, factory)
  const own = and(eq(runtimes.factoryId, factory.id), eq(runtimes.tenantId, ctx.actor.tenantId))
  const wanted = and(own, q ? ilike(runtimes.name, containing(q)) : undefined)
  const select = (where: SQL | undefined) =>
    ctx.db
      .select({
        runtimeId: runtimes.id,
        runtimeName: runtimes.name,
        generation: runtimes.vaultGeneration,
        publicKey: runtimes.vaultPublicKey,
        nodeCount: count(nodes.id),
      })
      .from(runtimes)
      .leftJoin(nodes, and(eq(nodes.runtimeId, runtimes.id), isNull(nodes.removedAt)))
      .where(where)
      .groupBy(runtimes.id)
      .orderBy(asc(sql`lower(${runtimes.name})`))
  const found = await select(wanted).limit(size)
  const missing = names
    .map((name) => name.toLowerCase())
    .filter((name) => !found.some((row) => row.runtimeName.toLowerCase() === name))
  const named =
    missing.length > 0 ? await select(and(own, inArray(sql`lower(${runtimes.name})`, missing))) : []
  return { rows: [...found, ...named], total: await ctx.db.$count(runtimes, wanted) }
}

function requireRead(ctx: Context, { id, tenantId }: InFactory): void {
  requirePermission(ctx, 'linkedServices.read', { tenantId, factoryId: id })
}

function inFactory(ctx: Context, { id }: InFactory) {
  return and(eq(linkedServices.factoryId, id), eq(linkedServices.tenantId, ctx.actor.tenantId))
}

/** The kind of an address does not count: everybody's host would match "s". */
function matches(filter: string) {
  const pattern = containing(filter)
  return or(
    ilike(linkedServices.name, pattern),
    sql`exists (select 1 from jsonb_each_text(${linkedServices.address} - 'type') as part where part.value ilike ${pattern})`,
  )
}

/** For those who come from a runtime. */
function isThrough(filter: string) {
  return sql`exists (select 1 from ${runtimes} where ${runtimes.id} = ${linkedServices.runtimeId} and ${runtimes.name} ilike ${containing(filter)})`
}

/** Who looks for a certain one finds it among the nodes of the runtime. */
const nodesShown = 20

async function listCredentialOnNodes(
  ctx: Context,
  { id, runtimeId, credentialVersion }: { id: string; runtimeId: string; credentialVersion: number },
): Promise<CredentialOnNode[]> {
  const hasOpened = sql`(${nodeCredentials.version} = ${credentialVersion} and ${nodeCredentials.openedAt} is not null and ${nodeCredentials.error} is null) is true`
  const rows = await ctx.db
    .select({
      nodeId: nodes.id,
      nodeName: nodes.displayName,
      version: nodeCredentials.version,
      openedAt: nodeCredentials.openedAt,
      error: nodeCredentials.error,
    })
    .from(nodes)
    .leftJoin(
      nodeCredentials,
      and(eq(nodeCredentials.nodeId, nodes.id), eq(nodeCredentials.linkedServiceId, id)),
    )
    .where(and(eq(nodes.runtimeId, runtimeId), isNull(nodes.removedAt)))
    .orderBy(asc(hasOpened), asc(sql`lower(${nodes.displayName})`))
    .limit(nodesShown)
  return rows.map((row) => ({ ...row, version: row.version ?? 0 }))
}

async function findUsers(ctx: Context, { id, factoryId }: { id: string; factoryId: string }) {
  const [used, pipelines] = await Promise.all([
    datasetsIn(ctx.db, id),
    pipelinesNaming(ctx.db, { factoryId, linkedServiceId: id }),
  ])
  return { datasets: used, pipelines }
}
