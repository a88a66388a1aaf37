import type { Client, QueryConfig, QueryResult, QueryResultRow } from 'pg'
import { type FailurePlace, failureFrom, TaskFailure } from '../../copy/failure.ts'
import type { CopyFrameScanner } from '../../digest/copy-frame-scanner.ts'
import { connectPostgres, type PostgresLogin } from './connect.ts'
import { CopyIn, CopyOut } from './copy-streams.ts'

/** One connection of a task. Everything it throws is a `TaskFailure` that names the store, the object and the side. */
export class PgSession {
  readonly place: FailurePlace
  readonly #client: Client
  readonly #signal: AbortSignal
  readonly #onAbort = () => this.destroy()
  readonly #explain = (error: unknown) => toFailure(error, this.place, this.#signal)

  private constructor(client: Client, place: FailurePlace, signal: AbortSignal) {
    this.#client = client
    this.place = place
    this.#signal = signal
    signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  static async open(login: PostgresLogin, place: FailurePlace, signal: AbortSignal): Promise<PgSession> {
    try {
      return new PgSession(await connectPostgres(login, signal), place, signal)
    } catch (error) {
      const { host, port, database } = login.address
      throw toFailure(error, { ...place, object: `${host}:${port}/${database}` }, signal)
    }
  }

  /** The server's version as people know it: `18.4`. */
  async version(): Promise<string> {
    const { rows } = await this.query<{ server_version: string }>('SHOW server_version')
    return rows[0]?.server_version.split(' ')[0] ?? 'unknown'
  }

  /** With values: one statement. Without: also several, as one simple message (all or nothing up to a COMMIT). */
  async query<Row extends QueryResultRow>(sql: string, values?: unknown[]): Promise<QueryResult<Row>> {
    try {
      return await this.#client.query<Row>(sql, values)
    } catch (error) {
      throw this.#explain(error)
    }
  }

  /** Names in text that people wrote mean what they mean to the login; everything else names its schema. */
  async useLoginsPath(): Promise<void> {
    await this.query('RESET search_path')
  }

  /** Exactly one statement: text that people wrote cannot smuggle in a second one. */
  async queryOne<Row extends QueryResultRow>(sql: string): Promise<QueryResult<Row>> {
    try {
      return await this.#client.query<Row>({ text: sql, queryMode: 'extended' } as QueryConfig)
    } catch (error) {
      throw this.#explain(error)
    }
  }

  copyOut(sql: string, scanner: CopyFrameScanner): CopyOut {
    return new CopyOut(this.#client, sql, { scanner, explain: this.#explain })
  }

  copyIn(sql: string): Promise<CopyIn> {
    return CopyIn.start(this.#client, sql, this.#explain)
  }

  /** Ends the session at once; the server rolls back what it had open. */
  destroy(): void {
    this.#client.connection.stream.destroy()
  }

  async close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#onAbort)
    await this.#client.end().catch(() => {})
  }
}

function toFailure(error: unknown, place: FailurePlace, signal: AbortSignal): TaskFailure {
  if (signal.aborted) return new TaskFailure('cancelled', 'The task was stopped.')
  return failureFrom(error, place)
}
