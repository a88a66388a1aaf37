import { showHeap } from '../../../connectors/postgresql/quote.ts'
import type { PgSession } from '../../../connectors/postgresql/session.ts'
import { TaskFailure } from '../../failure.ts'
import type { Heap, TablePartEngine } from './source-parts.ts'

/** The tables that these parts read by blocks, each once. */
export function heapsOf(parts: readonly TablePartEngine[]): Heap[] {
  const heaps = parts.flatMap(({ ranges }) => ranges.flatMap(({ heap }) => heap ?? []))
  return [...new Map(heaps.map((heap) => [heap.name, heap])).values()]
}

/**
 * Keeps the tables from being emptied, rewritten or replaced until the transaction ends: neither TRUNCATE nor VACUUM FULL
 * nor a swap waits for a snapshot, but all of them wait for this lock. A SELECT takes it, because LOCK TABLE wants more
 * rights than a login needs that may read some columns only, and knows no materialised views.
 */
export function lockSql(heaps: readonly Heap[]): string {
  return heaps.map(({ name }) => `SELECT FROM ONLY ${name} LIMIT 0`).join('; ')
}

/**
 * Whoever waits for an exclusive lock waits for the session that keeps the snapshot, and PostgreSQL lets nobody past who
 * asks later: without an end to its patience a part would wait for ever.
 */
const lockPatience = '5s'

async function lock(session: PgSession, heaps: readonly Heap[]): Promise<void> {
  await session.query(`SET LOCAL lock_timeout = '${lockPatience}'`)
  try {
    await session.query(lockSql(heaps))
  } catch (error) {
    if (!(error instanceof TaskFailure) || error.code !== 'store_conflict') throw error
    const names = heaps.map(({ name }) => showHeap(name)).join(', ')
    throw new TaskFailure(
      'store_conflict',
      `Another session alters, empties or rewrites ${names}, or waits to do so, and keeps readers out (waited ${lockPatience}).`,
      { side: 'source', cause: error },
    )
  }
  await session.query('SET LOCAL lock_timeout = 0')
}

/**
 * Locks what a part reads, and makes sure that its blocks are those that were counted when the copy was planned: in another
 * file of the table the same rows lie elsewhere, or none at all, and the parts would not fit together any more.
 */
export async function requireSameHeaps(session: PgSession, part: TablePartEngine): Promise<void> {
  const heaps = heapsOf([part])
  if (heaps.length === 0) return
  await lock(session, heaps)
  const { rows } = await session.query<{ name: string }>(
    `SELECT name FROM unnest($1::text[], $2::text[]) AS planned(name, file)
     WHERE file IS DISTINCT FROM to_regclass(name)::oid::int8::text || '/' || pg_relation_filenode(to_regclass(name))`,
    [heaps.map(({ name }) => name), heaps.map(({ file }) => file)],
  )
  const [changed] = rows
  if (!changed) return
  throw new TaskFailure(
    'source_changed',
    `Table ${showHeap(changed.name)} was emptied, rewritten or replaced after the copy was planned (TRUNCATE, VACUUM FULL, CLUSTER or a swap).`,
    { side: 'source' },
  )
}
