import { and, eq, inArray, isNotNull, sql } from 'drizzle-orm'
import type { z } from 'zod'
import { enrolmentLinks, nodes, runtimes } from '@/drizzle/schema/runtimes'
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

async function pendingWork(db: Db, runtimeId: string, nodeId: string): Promise<Work[]> {
  const membership = await readMembership(db, runtimeId)
  if (membership.seq === 0) return [{ kind: 'found' }]
  if (!membership.members.has(nodeId)) return []
  const rows = await db.select().from(nodes).where(eq(nodes.runtimeId, runtimeId))
  const left = departed(membership, rows)
  const work: Work[] = left.length > 0 ? [{ kind: 'rotate', removedNodeIds: left }] : []
  for (const newcomer of await admissible(db, membership, rows)) work.push({ kind: 'admit', newcomer })
  if (work.length === 0) await clearTurn(db, runtimeId)
  return work
}

/** Members that were removed from the runtime but can still read the present generation. */
function departed(membership: Membership, rows: NodeRow[]): string[] {
  const present = new Set(rows.filter((row) => row.removedAt === null).map((row) => row.id))
  return [...membership.members.keys()].filter((id) => !present.has(id))
}

/** Those that ask for admission and were not refused. Members decide by the runtime's policy and the link's proof. */
async function admissible(
  db: Db,
  membership: Membership,
  rows: NodeRow[],
): Promise<z.infer<typeof VaultNewcomer>[]> {
  const waiting = rows
    .filter((row) => row.removedAt === null && row.quarantinedAt === null && row.vaultError === null)
    .filter((row) => !membership.members.has(row.id))
    .slice(0, newcomersAtOnce)
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
