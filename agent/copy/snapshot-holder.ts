import { randomUUID } from 'node:crypto'
import type { Client } from 'pg'
import { connectPostgres, type PostgresLogin } from '../connectors/postgresql/connect.ts'

export type SnapshotHold = { holdId: string; snapshotId: string }

/**
 * Keeps exported snapshots open, so that parts on any node read one state of the source. Lives in the agent's main thread:
 * a snapshot dies with the session that exported it.
 */
export class SnapshotHolder {
  readonly #clients = new Map<string, Client>()

  async open(login: Omit<PostgresLogin, 'applicationName'>): Promise<SnapshotHold> {
    const client = await connectPostgres({ ...login, applicationName: 'sallyport snapshot' })
    try {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
      const { rows } = await client.query<{ id: string }>('SELECT pg_export_snapshot() AS id')
      const snapshotId = rows[0]?.id
      if (!snapshotId) throw new Error('the server exported no snapshot')
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
