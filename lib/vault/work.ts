import { and, eq, inArray, isNotNull, sql } from 'drizzle-orm'
import type { z } from 'zod'
import { enrolmentLinks, nodes, runtimes } from '@/drizzle/schema/runtimes'
import { AgentRefusal } from '@/lib/agent-refusal'
import type { NodeCaller } from '@/lib/auth/node-caller'
import type { Db } from '@/lib/db/client'
import type { Membership } from '@/lib/protocol/membership'
import type { VaultNewcomer, VaultWork } from '@/lib/protocol/vault'
import { readMembership } from '@/lib/vault/membership'

type Work = z.infer<typeof VaultWork>
type NodeRow = typeof nodes.$inferSelect

/** So long nobody else is handed the same work; a sweep then offers it again. */
const workSeconds = 20
/** A fleet that registers at once is admitted in several turns. */
const newcomersAtOnce = 50

/** What the vault waits for, given to one member at a time: others would only be told that they came second. */
export async function handOutWork(db: Db, node: NodeCaller): Promise<Work[]> {
  const { nodeId, runtimeId } = node
  if (!(await isWorkLeft(db, runtimeId))) {
    await clearTurn(db, runtimeId)
    return []
  }
  const work = await pendingWork(db, runtimeId, nodeId)
  if (work.length === 0) return []
  const taken = await db
    .update(runtimes)
    .set({
      vaultWorkNodeId: nodeId,
      vaultWorkUntil: sql`clock_timestamp() + make_interval(secs => ${workSeconds})`,
    })
    .where(
      and(
        eq(runtimes.id, runtimeId),
        sql`(${runtimes.vaultWorkUntil} is null or ${runtimes.vaultWorkUntil} < clock_timestamp() or ${runtimes.vaultWorkNodeId} = ${nodeId})`,
      ),
    )
    .returning({ id: runtimes.id })
  return taken.length > 0 ? work : []
}

/** Work whose node went silent is offered to all again. Answers the runtimes to wake. */
export async function offerStaleWork(db: Db): Promise<string[]> {
  const stale = await db
    .update(runtimes)
    .set({
      vaultVersion: sql`${runtimes.vaultVersion} + 1`,
      vaultWorkNodeId: null,
      vaultWorkUntil: null,
    })
    .where(sql`${runtimes.vaultWorkUntil} < clock_timestamp()`)
    .returning({ id: runtimes.id })
  return stale.map(({ id }) => id)
}

/** Everybody that is not admitted, refused or not: a person at a member's machine may approve one. */
export async function listNewcomers(
  db: Db,
  { nodeId, runtimeId }: NodeCaller,
): Promise<z.infer<typeof VaultNewcomer>[]> {
  const membership = await readMembership(db, runtimeId)
  if (!membership.members.has(nodeId))
    throw new AgentRefusal('forbidden', 'Only a node that is admitted to the vault may ask who waits')
  const rows = await db.select().from(nodes).where(eq(nodes.runtimeId, runtimeId))
  return await withLinks(db, newcomersOf(membership, rows))
}

/**
 * Asked with every pull, and a fleet of a thousand pulls whenever a credential changes: the log, with an entry per node, is
 * read only where something waits. Members are the nodes with a wrap of the present generation (lib/vault/append.ts).
 */
async function isWorkLeft(db: Db, runtimeId: string): Promise<boolean> {
  const isMember = sql`exists (select from vault_wraps w
    where w.runtime_id = r.id and w.generation = r.vault_generation and w.node_id = n.id)`
  const waits = sql`n.removed_at is null and n.quarantined_at is null and n.vault_error is null and n.approval_since is null`
  const { rows } = await db.execute<{ left: boolean }>(sql`
    select r.vault_generation = 0
      or exists (select from nodes n where n.runtime_id = r.id
        and (${waits} and not ${isMember} or n.removed_at is not null and ${isMember}))
      or r.admission = 'strict' and not exists (select from membership_log l
        where l.runtime_id = r.id and l.entry -> 'body' -> 'change' ->> 'op' = 'restrict') as "left"
    from runtimes r where r.id = ${runtimeId}`)
  return rows[0]?.left ?? false
}

async function pendingWork(db: Db, runtimeId: string, nodeId: string): Promise<Work[]> {
  const membership = await readMembership(db, runtimeId)
  if (membership.seq === 0) return [{ kind: 'found' }]
  if (!membership.members.has(nodeId)) return []
  const rows = await db.select().from(nodes).where(eq(nodes.runtimeId, runtimeId))
  const left = departed(membership, rows)
  const work: Work[] = left.length > 0 ? [{ kind: 'rotate', removedNodeIds: left }] : []
  if (!membership.strict && (await isStrict(db, runtimeId))) work.push({ kind: 'restrict' })
  const admissible = newcomersOf(membership, rows).filter(isUndecided).slice(0, newcomersAtOnce)
  for (const newcomer of await withLinks(db, admissible)) work.push({ kind: 'admit', newcomer })
  if (work.length === 0) await clearTurn(db, runtimeId)
  return work
}

/** Members that were removed from the runtime but can still read the present generation. */
function departed(membership: Membership, rows: NodeRow[]): string[] {
  const present = new Set(rows.filter((row) => row.removedAt === null).map((row) => row.id))
  return [...membership.members.keys()].filter((id) => !present.has(id))
}

async function isStrict(db: Db, runtimeId: string): Promise<boolean> {
  const [runtime] = await db
    .select({ admission: runtimes.admission })
    .from(runtimes)
    .where(eq(runtimes.id, runtimeId))
  return runtime?.admission === 'strict'
}

function newcomersOf(membership: Membership, rows: NodeRow[]): NodeRow[] {
  return rows.filter(
    (row) => row.removedAt === null && row.quarantinedAt === null && !membership.members.has(row.id),
  )
}

/** No member has said that it will not, or cannot, admit it. */
function isUndecided({ vaultError, approvalSince }: NodeRow): boolean {
  return vaultError === null && approvalSince === null
}

/** With what members need to judge them, by the runtime's policy and the link's proof. */
async function withLinks(db: Db, waiting: NodeRow[]): Promise<z.infer<typeof VaultNewcomer>[]> {
  const linkIds = waiting.flatMap(({ registeredVia }) =>
    registeredVia.by === 'link' ? [registeredVia.linkId] : [],
  )
  const links =
    linkIds.length === 0
      ? []
      : await db
          .select({ id: enrolmentLinks.id, sealedSecret: enrolmentLinks.sealedSecret })
          .from(enrolmentLinks)
          .where(inArray(enrolmentLinks.id, linkIds))
  const sealed = new Map(links.map((link) => [link.id, link.sealedSecret]))
  return waiting.map((row) => toNewcomer(row, sealed))
}

function toNewcomer(
  { id, name, signingKey, vaultKey, vaultKeySignature, registeredVia }: NodeRow,
  sealed: Map<string, (typeof enrolmentLinks.$inferSelect)['sealedSecret']>,
): z.infer<typeof VaultNewcomer> {
  const newcomer = { nodeId: id, nodeName: name, signingKey, vaultKey, vaultKeySignature }
  if (registeredVia.by === 'authKey') return newcomer
  const { linkId, proof } = registeredVia
  const sealedSecret = sealed.get(linkId)
  return { ...newcomer, link: { linkId, proof, ...(sealedSecret && { sealedSecret }) } }
}

async function clearTurn(db: Db, runtimeId: string): Promise<void> {
  await db
    .update(runtimes)
    .set({ vaultWorkNodeId: null, vaultWorkUntil: null })
    .where(and(eq(runtimes.id, runtimeId), isNotNull(runtimes.vaultWorkUntil)))
}
