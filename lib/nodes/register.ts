import { verify } from 'node:crypto'
import { and, eq, gt, isNull, sql } from 'drizzle-orm'
import type { z } from 'zod'
import { factories } from '@/drizzle/schema/factories'
import { nodes, runtimes } from '@/drizzle/schema/runtimes'
import { AgentRefusal } from '@/lib/agent-refusal'
import type { AgentCall } from '@/lib/agent-route'
import { appendAudit } from '@/lib/audit/append'
import { ed25519Key } from '@/lib/auth/node-signature'
import type { Db, Tx } from '@/lib/db/client'
import { type Admission, checkProof, spendProof } from '@/lib/nodes/enrolment-proof'
import { freeNodeName } from '@/lib/nodes/node-name'
import { offlineAfterMs } from '@/lib/nodes/status'
import { type RegisterRequest, type RegisterResponse, vaultKeyBindingText } from '@/lib/protocol/enrolment'
import { wake } from '@/lib/tasks/wake'
import { forgetLostVault } from '@/lib/vault/lost-vault'

/** More than one, in case that one goes away at this moment. */
const judgesAsked = 3

type Registered = z.infer<typeof RegisterResponse>

/**
 * Enrols a machine by an authentication key or a link. Asked again with the same keys it answers the same node, so that a
 * lost answer neither makes a second node nor uses a link up in vain.
 */
export async function registerNode(db: Db, call: AgentCall, request: RegisterRequest): Promise<Registered> {
  requireBoundVaultKey(request)
  const registered = await db.transaction(async (tx) => {
    const admission = await checkProof(tx, request)
    // One at a time per runtime: names are chosen and links are used once.
    const place = await lockRuntime(tx, admission.runtimeId)
    const known = await findBySigningKey(tx, admission.runtimeId, request.signingKey)
    if (known) return { ...place, ...known, judges: [] }
    const node = await insertNode(tx, { request, admission, place, address: call.address })
    await spendProof(tx, admission, node.nodeId)
    await forgetLostVault(tx, place.runtimeId)
    await tx
      .update(runtimes)
      .set({ vaultVersion: versionWithNewcomer })
      .where(eq(runtimes.id, place.runtimeId))
    return { ...place, ...node, judges: await findJudges(tx, place.runtimeId) }
  })
  const { nodeId, nodeName, runtimeId, runtimeName, factoryName, tenantId, judges } = registered
  wake([{ runtimeId, for: 'nodes', nodeIds: judges }])
  return { nodeId, nodeName, runtimeId, runtimeName, factoryName, tenantId }
}

type BoundKeys = Pick<RegisterRequest, 'signingKey' | 'vaultKey' | 'vaultKeySignature'>
type Place = {
  runtimeId: string
  runtimeName: string
  factoryId: string
  factoryName: string
  tenantId: string
}

/** The signing key vouches for the vault key, so that nobody can slip another one in on the way. */
export function requireBoundVaultKey({ signingKey, vaultKey, vaultKeySignature }: BoundKeys): void {
  const text = Buffer.from(vaultKeyBindingText(signingKey, vaultKey))
  const signature = Buffer.from(vaultKeySignature, 'base64url')
  if (!verify(null, text, ed25519Key(signingKey), signature))
    throw new AgentRefusal('bad_signature', 'The vault key is not signed by the signing key')
}

async function lockRuntime(tx: Tx, runtimeId: string): Promise<Place> {
  const [place] = await tx
    .select({
      runtimeId: runtimes.id,
      runtimeName: runtimes.name,
      factoryId: runtimes.factoryId,
      factoryName: factories.name,
      tenantId: runtimes.tenantId,
    })
    .from(runtimes)
    .innerJoin(factories, eq(factories.id, runtimes.factoryId))
    .where(eq(runtimes.id, runtimeId))
    .for('no key update', { of: runtimes })
  if (!place) throw new AgentRefusal('gone', 'The integration runtime of this key was deleted')
  return place
}

async function findBySigningKey(
  tx: Tx,
  runtimeId: string,
  signingKey: string,
): Promise<{ nodeId: string; nodeName: string } | null> {
  const [node] = await tx
    .select({ nodeId: nodes.id, nodeName: nodes.name, removedAt: nodes.removedAt })
    .from(nodes)
    .where(and(eq(nodes.runtimeId, runtimeId), eq(nodes.signingKey, signingKey)))
  if (!node) return null
  if (node.removedAt)
    throw new AgentRefusal(
      'revoked',
      `The node "${node.nodeName}" was removed. Delete its data directory and register again, which makes new keys`,
    )
  return { nodeId: node.nodeId, nodeName: node.nodeName }
}

/** Members must hear of a newcomer; where there is no vault yet, each newcomer finds that out by itself. */
const versionWithNewcomer = sql`case when ${runtimes.vaultGeneration} > 0 then ${runtimes.vaultVersion} + 1
  else greatest(${runtimes.vaultVersion}, 1) end`

/** Members that may admit a newcomer to the vault, and are there to do it: the work is given to one, the others step in for it. */
async function findJudges(tx: Tx, runtimeId: string): Promise<string[]> {
  const members = await tx
    .select({ id: nodes.id })
    .from(nodes)
    .innerJoin(runtimes, eq(runtimes.id, nodes.runtimeId))
    .where(
      and(
        eq(nodes.runtimeId, runtimeId),
        gt(nodes.vaultGeneration, 0),
        eq(nodes.vaultGeneration, runtimes.vaultGeneration),
        isNull(nodes.removedAt),
        isNull(nodes.quarantinedAt),
        sql`${nodes.lastSeenAt} > now() - make_interval(secs => ${offlineAfterMs / 1000})`,
      ),
    )
    .limit(judgesAsked)
  return members.map(({ id }) => id)
}

async function insertNode(
  tx: Tx,
  newcomer: { request: RegisterRequest; admission: Admission; place: Place; address: string },
): Promise<{ nodeId: string; nodeName: string }> {
  const { request, admission, place, address } = newcomer
  const { runtimeId, tenantId } = place
  const name = await freeNodeName(tx, runtimeId, request.nodeName)
  const { signingKey, vaultKey, vaultKeySignature, machine, capabilities, policy, slots } = request
  const [node] = await tx
    .insert(nodes)
    .values({
      tenantId,
      runtimeId,
      name,
      displayName: name,
      signingKey,
      vaultKey,
      vaultKeySignature,
      registeredVia: admission.registeredVia,
      machine,
      capabilities,
      policy: policy ?? null,
      address,
      slotsTotal: slots,
    })
    .returning({ nodeId: nodes.id })
  if (!node) throw new Error('The insert of a node returned no row')
  await appendAudit(
    tx,
    { kind: 'node', nodeId: node.nodeId, name, runtimeId, tenantId },
    {
      action: 'node.registered',
      factoryId: place.factoryId,
      entityId: node.nodeId,
      entityName: name,
      after: {
        runtime: place.runtimeName,
        address,
        hostName: machine.hostName,
        platform: machine.platform,
        agentVersion: machine.agentVersion,
        by: admission.registeredVia.by,
        key: admission.registeredVia.by === 'authKey' ? admission.registeredVia.name : undefined,
        linkId: admission.registeredVia.by === 'link' ? admission.registeredVia.linkId : undefined,
      },
    },
  )
  return { nodeId: node.nodeId, nodeName: name }
}
