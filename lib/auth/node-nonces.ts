import { createHash } from 'node:crypto'
import { lt, sql } from 'drizzle-orm'
import { nodeNonces } from '@/drizzle/schema/runtimes'
import { AgentRefusal } from '@/lib/agent-refusal'
import type { Db } from '@/lib/db/client'

/** Longer than a signature is accepted in either direction (2 × 60 s), with room for the clocks of several portals. */
const keptSeconds = 180

/** Each signature counts once. Call it after the signature was checked, so that strangers cannot fill the table. */
export async function spendNonce(db: Db, nodeId: string, nonce: string): Promise<void> {
  if ((await insertNonce(db, nodeId, nonce)).length === 0) throw replayed()
}

/** Returns a row only where this nonce is new. */
export function insertNonce(db: Db, nodeId: string, nonce: string) {
  return db
    .insert(nodeNonces)
    .values({ nodeId, nonce })
    .onConflictDoNothing()
    .returning({ nonce: nodeNonces.nonce })
}

export function replayed(): AgentRefusal {
  return new AgentRefusal('replayed', 'This request has been received before')
}

/** A newcomer has no id yet: its nonces are kept under one that is made of its key. */
export function newcomerNonceId(signingKey: string): string {
  const digest = createHash('sha256').update(signingKey).digest('hex')
  return digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5')
}

export async function forgetOldNonces(db: Db): Promise<void> {
  await db.delete(nodeNonces).where(lt(nodeNonces.seenAt, sql`now() - make_interval(secs => ${keptSeconds})`))
}
