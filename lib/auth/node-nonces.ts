import { createHash } from 'node:crypto'
import { lt, sql } from 'drizzle-orm'
import { nodeNonces } from '@/drizzle/schema/runtimes'
import { AgentRefusal } from '@/lib/agent-refusal'
import type { Db } from '@/lib/db/client'
import { type Clocks, readDatabaseClock } from '@/lib/db/clock'

/** Longer than a signature is accepted in either direction (2 × 60 s), with room for the clocks of several portals. */
const keptMs = 180_000

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

/** A portal whose clock differs by less keeps its nonces as long as it should. */
const stepMs = 5_000

/**
 * Forgets the old ones, each time it is called. They are as old as the database's clock says, while a signature is in time
 * by this process's own: after the database's was set, and at first, nothing is forgotten until all there is can be old.
 */
export function makeNonceSweeper(
  db: Db,
  { now, databaseNow = () => readDatabaseClock(db) }: Clocks,
): () => Promise<void> {
  let last: { ms: number; databaseMs: number } | null = null
  let steadySinceMs = 0
  return async () => {
    const at = { ms: now(), databaseMs: await databaseNow() }
    const stepped = last && Math.abs(at.databaseMs - last.databaseMs - (at.ms - last.ms)) > stepMs
    if (last === null || stepped) steadySinceMs = at.ms
    last = at
    if (at.ms - steadySinceMs < keptMs) return
    await db
      .delete(nodeNonces)
      .where(lt(nodeNonces.seenAt, sql`to_timestamp(${(at.databaseMs - keptMs) / 1000}::float8)`))
  }
}
