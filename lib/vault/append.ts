import { eq, sql } from 'drizzle-orm'
import type { z } from 'zod'
import { nodes, runtimes } from '@/drizzle/schema/runtimes'
import { membershipLog, vaultWraps } from '@/drizzle/schema/vault'
import { AgentRefusal } from '@/lib/agent-refusal'
import { type AuditEntry, appendAudit } from '@/lib/audit/append'
import type { NodeCaller } from '@/lib/auth/node-caller'
import type { Db, Tx } from '@/lib/db/client'
import { requireBoundVaultKey } from '@/lib/nodes/register'
import { followEntry, generationOf, type Membership, MembershipError } from '@/lib/protocol/membership'
import type { MembershipBody, VaultAppendRequest, VaultWrap } from '@/lib/protocol/vault'
import { wake, wakeRuntimes } from '@/lib/tasks/wake'
import { readMembership } from '@/lib/vault/membership'
import { storeResealed } from '@/lib/vault/reseal'

type Append = z.infer<typeof VaultAppendRequest>
type Runtime = typeof runtimes.$inferSelect
type Change = MembershipBody['change']
/** One step of the vault, checked as far as the portal can: the nodes check it all again. */
type Step = {
  tx: Tx
  node: NodeCaller
  runtime: Runtime
  before: Membership
  after: Membership
  request: Append
}

/** Adds a signed entry to the membership log, with the wraps and resealed credentials that belong to it. */
export async function appendMembership(db: Db, node: NodeCaller, request: Append): Promise<string> {
  const version = await db.transaction(async (tx) => {
    const [runtime] = await tx
      .select()
      .from(runtimes)
      .where(eq(runtimes.id, node.runtimeId))
      .for('no key update')
    if (!runtime) throw new AgentRefusal('unknown_node', 'The integration runtime was deleted')
    const before = await readMembership(tx, runtime.id)
    const after = await follow(before, node, request)
    const step = { tx, node, runtime, before, after, request }
    await checkChange(step)
    await store(step)
    const audit = await auditOf(step)
    await appendAudit(tx, { kind: 'node', ...node }, { ...audit, factoryId: runtime.factoryId })
    return runtime.vaultVersion + 1
  })
  tell(node.runtimeId, request.entry.body.change)
  return String(version)
}

/** Those who can do something now; the others read the log when they next have a reason to. */
function tell(runtimeId: string, change: Change): void {
  // Who founded a vault goes on with its work by itself.
  if (change.op === 'admit') wake([{ runtimeId, for: 'nodes', nodeIds: [change.nodeId] }])
  else if (change.op === 'rotate') wakeRuntimes([runtimeId])
}

async function follow(before: Membership, node: NodeCaller, { entry }: Append): Promise<Membership> {
  if (entry.body.signedBy !== node.nodeId)
    throw new AgentRefusal('forbidden', 'An entry is appended by the node that signed it')
  if (entry.body.seq !== before.seq + 1 || entry.body.previousHash !== before.headHash)
    throw new AgentRefusal(
      'conflict',
      'Another node has added to the membership log. Pull it and decide anew',
    )
  try {
    return await followEntry(before, entry, node.runtimeId)
  } catch (error) {
    if (!(error instanceof MembershipError)) throw error
    throw new AgentRefusal('malformed', `entry: ${error.message}`)
  }
}

async function checkChange(step: Step): Promise<void> {
  const { change } = step.request.entry.body
  if (change.op === 'found') return checkFound(step, change)
  if (change.op === 'restrict') return checkRestrict(step)
  if (change.op === 'admit') return await checkAdmit(step, change)
  if (change.op === 'rekey') return checkRekey(step, change)
  return await checkRotate(step, change)
}

function checkFound({ node, request }: Step, change: Extract<Change, { op: 'found' }>): void {
  requireKeys(change, node)
  requireWraps(request.wraps, new Map([[node.nodeId, [1]]]))
}

function checkRestrict({ runtime, request }: Step): void {
  if (runtime.admission !== 'strict')
    throw new AgentRefusal('conflict', 'The integration runtime is not strict. Pull and decide anew')
  requireWraps(request.wraps, new Map())
}

async function checkAdmit(
  { tx, node, after, request }: Step,
  change: Extract<Change, { op: 'admit' }>,
): Promise<void> {
  const [newcomer] = await tx.select().from(nodes).where(eq(nodes.id, change.nodeId)).for('key share')
  if (newcomer?.runtimeId !== node.runtimeId || newcomer.removedAt || newcomer.quarantinedAt)
    throw new AgentRefusal('conflict', 'The newcomer is no longer there. Pull and decide anew')
  requireKeys(change, newcomer)
  requireWrapsOf(change.nodeId, request.wraps, generationOf(after))
}

/** A member's new keys: theirs together, and every generation wrapped for them. */
function checkRekey({ node, after, request }: Step, change: Extract<Change, { op: 'rekey' }>): void {
  const { signingKey, vaultKey } = change
  requireBoundVaultKey({ signingKey, vaultKey, vaultKeySignature: request.vaultKeySignature ?? '' })
  if (node.nextSigningKey !== null)
    throw new AgentRefusal('conflict', 'The keys that were offered before are not used yet. Use them first')
  requireWrapsOf(node.nodeId, request.wraps, generationOf(after))
}

/** The present generation, and older ones so that it can read what was sealed for them. */
function requireWrapsOf(nodeId: string, wraps: Append['wraps'], newest: number): void {
  const generations = [...new Set(wraps.map(({ generation }) => generation))]
  if (!generations.includes(newest) || generations.some((generation) => generation > newest))
    throw new AgentRefusal('malformed', 'wraps: the present generation is missing')
  requireWraps(wraps, new Map([[nodeId, generations]]))
}

async function checkRotate(
  { tx, node, after, request }: Step,
  change: Extract<Change, { op: 'rotate' }>,
): Promise<void> {
  const rows = await tx
    .select({ id: nodes.id, removedAt: nodes.removedAt })
    .from(nodes)
    .where(eq(nodes.runtimeId, node.runtimeId))
  const present = new Set(rows.filter(({ removedAt }) => removedAt === null).map(({ id }) => id))
  if (change.removedNodeIds.some((id) => present.has(id)))
    throw new AgentRefusal('forbidden', 'Only nodes that an admin removed can be left out')
  if ([...after.members.keys()].some((id) => !present.has(id)))
    throw new AgentRefusal('conflict', 'Another node was removed meanwhile. Pull and decide anew')
  requireWraps(request.wraps, new Map([...after.members.keys()].map((id) => [id, [change.generation]])))
}

function requireKeys(
  said: { signingKey: string; vaultKey: string },
  known: { signingKey: string; vaultKey: string },
): void {
  if (said.signingKey !== known.signingKey || said.vaultKey !== known.vaultKey)
    throw new AgentRefusal('malformed', 'entry: the keys are not those that the node registered')
}

/** Exactly these wraps: one too few locks a member out, one too many lets somebody in. */
function requireWraps(wraps: z.infer<typeof VaultWrap>[], wanted: Map<string, number[]>): void {
  const said = wraps.map(({ nodeId, generation }) => `${nodeId}/${generation}`)
  const expected = [...wanted].flatMap(([nodeId, generations]) =>
    generations.map((generation) => `${nodeId}/${generation}`),
  )
  const equal =
    said.length === expected.length &&
    new Set(said).size === said.length &&
    expected.every((wrap) => said.includes(wrap))
  if (!equal) throw new AgentRefusal('malformed', 'wraps: one for each member is needed, and no other')
}

async function store(step: Step): Promise<void> {
  const { tx, node, runtime, after, request } = step
  const { entry, wraps } = request
  const runtimeId = runtime.id
  const vaultVersion = runtime.vaultVersion + 1
  if (entry.body.change.op === 'rotate')
    await storeResealed(tx, {
      node,
      generation: generationOf(after),
      vaultVersion,
      resealed: request.resealed,
    })
  await tx.insert(membershipLog).values({ runtimeId, seq: entry.body.seq, entry })
  if (entry.body.change.op === 'rekey') await offerKeys(tx, entry.body.change, request)
  if (wraps.length > 0) await tx.insert(vaultWraps).values(wraps.map((wrap) => ({ ...wrap, runtimeId })))
  if (entry.body.change.op === 'admit')
    await tx
      .update(nodes)
      .set({ vaultError: null, approvalSince: null })
      .where(eq(nodes.id, entry.body.change.nodeId))
  await tx
    .update(runtimes)
    .set({
      vaultVersion: sql`${runtimes.vaultVersion} + 1`,
      vaultGeneration: generationOf(after),
      vaultPublicKey: after.publicKeys.at(-1) ?? null,
    })
    .where(eq(runtimes.id, runtimeId))
}

/** They count beside the present ones until the node first signs with them. Wraps for the old vault key are of no use now. */
async function offerKeys(
  tx: Tx,
  { nodeId, signingKey, vaultKey }: Extract<Change, { op: 'rekey' }>,
  { vaultKeySignature }: Append,
): Promise<void> {
  await tx
    .update(nodes)
    .set({
      nextSigningKey: signingKey,
      nextVaultKey: vaultKey,
      nextVaultKeySignature: vaultKeySignature ?? null,
      nextKeysAt: sql`now()`,
    })
    .where(eq(nodes.id, nodeId))
  await tx.delete(vaultWraps).where(eq(vaultWraps.nodeId, nodeId))
}

async function auditOf({ tx, node, runtime, request }: Step): Promise<AuditEntry> {
  const { change } = request.entry.body
  const entity = { entityId: runtime.id, entityName: runtime.name }
  const head = request.entry.hash
  if (change.op === 'found') return { ...entity, action: 'vault.founded', after: { generation: 1, head } }
  if (change.op === 'restrict') return { ...entity, action: 'vault.restricted', after: { head } }
  if (change.op === 'rekey')
    return { ...entity, action: 'vault.rekeyed', after: { nodeId: change.nodeId, node: node.name, head } }
  if (change.op === 'rotate')
    return {
      ...entity,
      action: 'vault.rotated',
      after: {
        generation: change.generation,
        removedNodeIds: change.removedNodeIds,
        credentials: request.resealed.length,
        head,
      },
    }
  const [newcomer] = await tx.select({ name: nodes.name }).from(nodes).where(eq(nodes.id, change.nodeId))
  const { nodeId, by = 'portal' } = change
  return { ...entity, action: 'vault.admitted', after: { nodeId, node: newcomer?.name, by, head } }
}
