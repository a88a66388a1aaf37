import { createHash, timingSafeEqual } from 'node:crypto'
import { and, eq, isNull, sql } from 'drizzle-orm'
import { authKeys, enrolmentLinks, nodes } from '@/drizzle/schema/runtimes'
import { AgentRefusal } from '@/lib/agent-refusal'
import { readAuthKey } from '@/lib/auth-keys/auth-key'
import type { Tx } from '@/lib/db/client'
import type { RegisterRequest } from '@/lib/protocol/enrolment'

type Proof = RegisterRequest['proof']
/** What a valid key or link opens, and what is kept of it with the node. */
export type Admission = {
  runtimeId: string
  /** The row that is marked as used. */
  sourceId: string
  registeredVia: (typeof nodes.$inferInsert)['registeredVia']
}

/** Refuses a key or link that is unknown, over or used, and says which. */
export async function checkProof(tx: Tx, request: RegisterRequest): Promise<Admission> {
  const { proof } = request
  return proof.by === 'authKey' ? await checkAuthKey(tx, proof.authKey) : await checkLink(tx, proof, request)
}

/** In the transaction of the registration, under the runtime's lock: a link opens once. */
export async function spendProof(tx: Tx, admission: Admission, nodeId: string): Promise<void> {
  if (admission.registeredVia.by === 'authKey') {
    await tx
      .update(authKeys)
      .set({ lastUsedAt: sql`now()`, lastUsedByNodeId: nodeId })
      .where(eq(authKeys.id, admission.sourceId))
    return
  }
  const spent = await tx
    .update(enrolmentLinks)
    .set({ usedAt: sql`now()`, usedByNodeId: nodeId })
    .where(and(eq(enrolmentLinks.id, admission.sourceId), isNull(enrolmentLinks.usedAt)))
    .returning({ id: enrolmentLinks.id })
  if (spent.length === 0) throw linkUsed()
}

async function checkAuthKey(tx: Tx, authKey: string): Promise<Admission> {
  const wanted = readAuthKey(authKey)
  const [key] = wanted
    ? await tx
        .select({ id: authKeys.id, runtimeId: authKeys.runtimeId, name: authKeys.name })
        .from(authKeys)
        .where(and(eq(authKeys.keyHash, wanted.keyHash), eq(authKeys.runtimeId, wanted.runtimeId)))
    : []
  if (!key)
    throw new AgentRefusal(
      'forbidden',
      'This authentication key is not valid: it was regenerated, its integration runtime was deleted, or it belongs to another portal. Copy a current key from the portal',
    )
  return { runtimeId: key.runtimeId, sourceId: key.id, registeredVia: { by: 'authKey', name: key.name } }
}

async function checkLink(
  tx: Tx,
  { linkId, secret, proof }: Extract<Proof, { by: 'link' }>,
  { signingKey }: RegisterRequest,
): Promise<Admission> {
  const [link] = await tx
    .select({ link: enrolmentLinks, isOver: sql<boolean>`${enrolmentLinks.expiresAt} <= now()` })
    .from(enrolmentLinks)
    .where(eq(enrolmentLinks.id, linkId))
  if (!link || !sameHash(link.link.secretHash, sha256(secret)))
    throw new AgentRefusal(
      'forbidden',
      'This enrolment link is not valid: it was mistyped, its integration runtime was deleted, or it belongs to another portal. Make a new one in the portal',
    )
  const { runtimeId, usedByNodeId, revokedAt } = link.link
  const admission: Admission = { runtimeId, sourceId: linkId, registeredVia: { by: 'link', linkId, proof } }
  // The same machine asks again because the answer got lost: its node is there already.
  if (usedByNodeId && (await isKeyOf(tx, usedByNodeId, signingKey))) return admission
  if (usedByNodeId) throw linkUsed()
  if (revokedAt)
    throw new AgentRefusal('gone', 'This enrolment link was revoked. Make a new one in the portal')
  if (link.isOver)
    throw new AgentRefusal('gone', 'This enrolment link has expired. Make a new one in the portal')
  return admission
}

async function isKeyOf(tx: Tx, nodeId: string, signingKey: string): Promise<boolean> {
  const [node] = await tx.select({ signingKey: nodes.signingKey }).from(nodes).where(eq(nodes.id, nodeId))
  return node?.signingKey === signingKey
}

function linkUsed(): AgentRefusal {
  return new AgentRefusal(
    'gone',
    'This enrolment link has been used. It opens once; make a new one in the portal',
  )
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function sameHash(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}
