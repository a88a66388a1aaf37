import { createHash } from 'node:crypto'
import { desc, eq, sql } from 'drizzle-orm'
import { auditLog } from '@/drizzle/schema/audit'
import type { Tx } from '@/lib/db/client'
import type { Actor } from '@/lib/permissions'
import { canonicalJson } from '@/lib/protocol/canonical-json'

/** `entityId` and `entityName` outlive the thing itself; `before` and `after` never hold a secret. */
export type AuditEntry = {
  action: `${string}.${string}`
  factoryId?: string | undefined
  entityId: string
  entityName: string
  before?: unknown
  after?: unknown
}
export type AuditActor = { kind: 'user' | 'node' | 'system'; id: string; name: string }
export const firstHash = '0'.repeat(64)

/** Appends in the transaction of the change: one chain per tenant, so that a removed or altered row shows (blueprint, section 4). */
export async function appendAudit(tx: Tx, actor: Actor, entry: AuditEntry): Promise<void> {
  const { tenantId } = actor
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`audit:${tenantId}`}, 0))`)
  const [last] = await tx
    .select({ seq: auditLog.seq, hash: auditLog.hash })
    .from(auditLog)
    .where(eq(auditLog.tenantId, tenantId))
    .orderBy(desc(auditLog.seq))
    .limit(1)
  const row = {
    tenantId,
    seq: (last?.seq ?? 0) + 1,
    at: new Date(),
    actor: auditActor(actor),
    action: entry.action,
    factoryId: entry.factoryId ?? null,
    entityId: entry.entityId,
    entityName: entry.entityName,
    before: toJson(entry.before),
    after: toJson(entry.after),
    previousHash: last?.hash ?? firstHash,
  }
  await tx.insert(auditLog).values({ ...row, hash: hashAuditRow(row) })
}

export type AuditContent = Omit<typeof auditLog.$inferSelect, 'hash'>

/** SHA-256 of the row's canonical JSON, previous hash included. */
export function hashAuditRow(row: AuditContent): string {
  const { at, ...rest } = row
  return createHash('sha256')
    .update(canonicalJson({ ...rest, at: at.toISOString() }))
    .digest('hex')
}

function auditActor(actor: Actor): AuditActor {
  if (actor.kind === 'user') return { kind: 'user', id: actor.userId, name: actor.name }
  if (actor.kind === 'node') return { kind: 'node', id: actor.nodeId, name: actor.name }
  return { kind: 'system', id: actor.job, name: actor.job }
}
/** As the database will hold it: dates become text, undefined members vanish. */
function toJson(value: unknown): unknown {
  return value === undefined ? null : JSON.parse(JSON.stringify(value))
}
