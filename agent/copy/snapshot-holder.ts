import { randomUUID } from 'node:crypto'
import { type Client, DatabaseError } from 'pg'
import { z } from 'zod'
import { StoreRef } from '../../lib/protocol/stores.ts'
import { connectPostgres, type PostgresLogin } from '../connectors/postgresql/connect.ts'
import { TaskFailure } from './failure.ts'
import { Heap } from './table/source/source-parts.ts'
import { lockSql } from './table/source/steady-heaps.ts'

/** What is read under a snapshot: the tables that are read by blocks may not change their place meanwhile. */
export const SnapshotSource = z.object({ store: StoreRef, heaps: z.array(Heap) })
export type SnapshotSource = z.infer<typeof SnapshotSource>
/** A migration is over by then, or takes long. */
const lockPatience = '1min'

export type SnapshotHold = { holdId: string; snapshotId: string }

/**
 * Keeps exported snapshots open, so that parts on any node read one state of the source. Lives in the agent's main thread:
 * a snapshot dies with the session that exported it.
 */
export class SnapshotHolder {
  readonly #clients = new Map<string, Client>()

  async open(login: Omit<PostgresLogin, 'applicationName'>, heaps: readonly Heap[]): Promise<SnapshotHold> {
    const client = await connectPostgres({ ...login, applicationName: 'sallyport snapshot' })
    try {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
      const { rows } = await client.query<{ id: string }>('SELECT pg_export_snapshot() AS id')
      const snapshotId = rows[0]?.id
      if (!snapshotId) throw new Error('the server exported no snapshot')
      await lockHeaps(client, heaps)
      const holdId = randomUUID()
      this.#clients.set(holdId, client)
      client.once('end', () => this.#clients.delete(holdId))
      return { holdId, snapshotId }
    } catch (error) {
      client.end().catch(() => {})
      throw error
    }
  }

  /** Reported in every poll; a hold whose session was cut is no longer among them. */
  get holdIds(): string[] {
    return [...this.#clients.keys()]
  }

  async release(holdId: string): Promise<void> {
    const client = this.#clients.get(holdId)
    this.#clients.delete(holdId)
    await client?.end().catch(() => {})
  }

  async releaseAll(): Promise<void> {
    await Promise.all(this.holdIds.map((holdId) => this.release(holdId)))
  }
}

/** More partitions than the server has locks for are read without: each part still makes sure of its own. */
async function lockHeaps(client: Client, heaps: readonly Heap[]): Promise<void> {
  await client.query(`SAVEPOINT unlocked; SET LOCAL lock_timeout = '${lockPatience}'`)
  try {
    if (heaps.length > 0) await client.query(lockSql(heaps))
  } catch (error) {
    if (!(error instanceof DatabaseError) || !['53200', '55P03'].includes(error.code ?? '')) throw error
    if (error.code === '55P03')
      throw new TaskFailure(
        'store_conflict',
        `Another session kept a table of the source locked for ${lockPatience}: it is being altered, emptied or rewritten.`,
        { side: 'source', cause: error },
      )
    await client.query('ROLLBACK TO SAVEPOINT unlocked')
  }
}
