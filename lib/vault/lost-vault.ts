import { and, eq, isNotNull, isNull } from 'drizzle-orm'
import { linkedServices } from '@/drizzle/schema/authoring'
import { enrolmentLinks, nodes, runtimes } from '@/drizzle/schema/runtimes'
import { membershipLog, vaultWraps } from '@/drizzle/schema/vault'
import { appendAudit } from '@/lib/audit/append'
import type { Tx } from '@/lib/db/client'

/**
 * When the last node that could open the vault is gone, nobody can ever open it again: the vault is forgotten, so that the
 * next node founds a new one, and every credential must be entered anew. Takes the runtime's lock.
 */
export async function forgetLostVault(tx: Tx, runtimeId: string): Promise<void> {
  const [runtime] = await tx.select().from(runtimes).where(eq(runtimes.id, runtimeId)).for('no key update')
  if (!runtime || runtime.vaultGeneration === 0) return
  if (await hasHolder(tx, runtime)) return
  await tx.delete(membershipLog).where(eq(membershipLog.runtimeId, runtimeId))
  await tx.delete(vaultWraps).where(eq(vaultWraps.runtimeId, runtimeId))
  await tx
    .update(runtimes)
    .set({ vaultGeneration: 0, vaultPublicKey: null, vaultWorkNodeId: null, vaultWorkUntil: null })
    .where(eq(runtimes.id, runtimeId))
  await tx
    .update(enrolmentLinks)
    .set({ sealedSecret: null })
    .where(and(eq(enrolmentLinks.runtimeId, runtimeId), isNotNull(enrolmentLinks.sealedSecret)))
  const lost = await tx
    .update(linkedServices)
    .set({ sealedCredential: null })
    .where(and(eq(linkedServices.runtimeId, runtimeId), isNotNull(linkedServices.sealedCredential)))
    .returning({ name: linkedServices.name })
  const { tenantId, factoryId, name } = runtime
  await appendAudit(
    tx,
    { kind: 'system', job: 'vault', tenantId },
    {
      action: 'vault.lost',
      factoryId,
      entityId: runtimeId,
      entityName: name,
      after: { credentialsToEnterAgain: lost.map((service) => service.name) },
    },
  )
}

async function hasHolder(tx: Tx, { id, vaultGeneration }: typeof runtimes.$inferSelect): Promise<boolean> {
  const [holder] = await tx
    .select({ nodeId: vaultWraps.nodeId })
    .from(vaultWraps)
    .innerJoin(nodes, eq(nodes.id, vaultWraps.nodeId))
    .where(
      and(eq(vaultWraps.runtimeId, id), eq(vaultWraps.generation, vaultGeneration), isNull(nodes.removedAt)),
    )
    .limit(1)
  return holder !== undefined
}
