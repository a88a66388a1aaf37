import { z } from 'zod'
import { quoteTable, quoteText, type TableName } from '../../../connectors/postgresql/quote.ts'
import type { PgSession } from '../../../connectors/postgresql/session.ts'
import { TaskFailure } from '../../failure.ts'
import { type Note, packNote, unpackNote } from './note.ts'

/** The row of a run that stands for the whole copy; parts count from 0. */
const wholeRun = -1

export type RunState = 'open' | 'published' | 'cleaned'
/** What a part has committed at the sink so far. `digest` is empty before the first commit. */
export type PartProgress = { position: number; rows: bigint; bytes: bigint; digest: string; isDone: boolean }
export type PartKey = { part: number; epoch: number }

/** The memory of a run stays this long, so that a process that wakes up late still finds that its run is over. */
export const retention = '7 days'
/** A copy that nobody has ended may wait for its nodes for long; only what was given up on is as quiet as this. */
const openRetention = '90 days'

/**
 * The sink's memory of a copy, kept in the same transactions as the rows: who owns each part (the epoch), how far it is, and
 * whether the run was published. Every commit names the epoch and the position it goes on from, so that of two owners only
 * one can commit and no step can be committed twice.
 */
export class Ledger {
  readonly #session: PgSession
  readonly #table: string
  readonly #run: string

  constructor(session: PgSession, table: TableName, runId: string) {
    this.#session = session
    this.#table = quoteTable(table)
    this.#run = quoteText(z.uuid().parse(runId))
  }

  /** Creates the table where it is missing and forgets runs of which nothing was heard for long. */
  async create(): Promise<void> {
    await createOnce(
      this.#session,
      `CREATE TABLE IF NOT EXISTS ${this.#table} (
      run_id uuid NOT NULL, part int NOT NULL, epoch bigint NOT NULL, state text NOT NULL, position bigint NOT NULL,
      rows bigint NOT NULL, bytes bigint NOT NULL, digest text NOT NULL, note jsonb,
      updated_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (run_id, part))`,
    )
    await this.#session.query(
      `DELETE FROM ${this.#table} WHERE run_id IN (SELECT run_id FROM ${this.#table} GROUP BY run_id
       HAVING max(updated_at) < now() - CASE WHEN bool_or(part = ${wholeRun} AND state = 'open')
         THEN interval '${openRetention}' ELSE interval '${retention}' END)`,
    )
  }

  async exists(): Promise<boolean> {
    const { rows } = await this.#session.query<{ found: boolean }>(
      `SELECT to_regclass(${quoteText(this.#table)}) IS NOT NULL AS found`,
    )
    return rows[0]?.found ?? false
  }

  /** Makes this epoch the owner of the whole run. Throws `fenced` where a later one is. */
  async claimRun(epoch: number, state?: RunState): Promise<{ state: RunState; note: unknown }> {
    const next = state ? quoteText(state) : 'l.state'
    const { rows } = await this.#session.query<{ state: RunState; note: unknown }>(
      `INSERT INTO ${this.#table} AS l (run_id, part, epoch, state, position, rows, bytes, digest)
       VALUES (${this.#run}, ${wholeRun}, ${digits(epoch)}, ${state ? next : "'open'"}, 0, 0, 0, '')
       ON CONFLICT (run_id, part) DO UPDATE SET epoch = excluded.epoch, updated_at = now(), state = ${next}
       WHERE l.epoch <= excluded.epoch RETURNING state, note`,
    )
    const [run] = rows
    return run ? { ...run, note: unpackNote(run.note) } : fenced()
  }

  async setNote(epoch: number, note: Note): Promise<void> {
    const { rowCount } = await this.#session.query(
      `UPDATE ${this.#table} SET note = ${quoteText(packNote(note))}, updated_at = now() WHERE ${this.#owned(wholeRun, epoch)}`,
    )
    if (rowCount !== 1) fenced()
  }

  /** Makes this epoch the owner of a part, unless the run itself has a later owner or is over. */
  async takePart({ part, epoch }: PartKey): Promise<PartProgress> {
    const { rows } = await this.#session.query<LedgerRow>(
      `WITH run AS (SELECT 1 FROM ${this.#table} WHERE run_id = ${this.#run} AND part = ${wholeRun}
         AND epoch <= ${digits(epoch)} AND state = 'open' FOR SHARE)
       INSERT INTO ${this.#table} AS l (run_id, part, epoch, state, position, rows, bytes, digest)
       SELECT ${this.#run}, ${digits(part)}, ${digits(epoch)}, 'copying', 0, 0, 0, '' FROM run
       ON CONFLICT (run_id, part) DO UPDATE SET epoch = excluded.epoch, updated_at = now()
       WHERE l.epoch <= excluded.epoch RETURNING ${progressColumns}`,
    )
    return progressOf(rows[0] ?? fenced())
  }

  /**
   * One message for the end of a transaction: it commits only if this epoch still owns the part at `from`. Only the part's last
   * commit waits for the disk: a server that crashes forgets rows and position together, and the part goes on from there.
   */
  commitPartSql({ part, epoch }: PartKey, from: number, next: PartProgress): string {
    const wait = next.isDone ? '' : 'SET LOCAL synchronous_commit = off; '
    return (
      wait +
      this.#guarded(
        `SET position = ${digits(next.position)}, rows = ${next.rows}, bytes = ${next.bytes}, digest = ${quoteText(next.digest)},
       state = '${next.isDone ? 'done' : 'copying'}'`,
        `${this.#owned(part, epoch)} AND position = ${digits(from)} AND state = 'copying'`,
      )
    )
  }

  /** The same for publishing: it commits only if this epoch still owns the run and nobody published it. */
  commitRunSql(epoch: number, note: Note): string {
    return this.#guarded(
      `SET state = 'published', note = coalesce(note, '{}') || ${quoteText(packNote(note))}`,
      `${this.#owned(wholeRun, epoch)} AND state = 'open'`,
    )
  }

  /** Takes all parts away from their owners and returns what they committed. */
  async closeParts(epoch: number): Promise<Map<number, PartProgress>> {
    const { rows } = await this.#session.query<LedgerRow & { part: number }>(
      `UPDATE ${this.#table} SET epoch = ${digits(epoch)} WHERE run_id = ${this.#run} AND part >= 0
       AND epoch <= ${digits(epoch)} RETURNING part, ${progressColumns}`,
    )
    return new Map(rows.map((row) => [row.part, progressOf(row)]))
  }

  async forgetParts(): Promise<void> {
    await this.#session.query(`DELETE FROM ${this.#table} WHERE run_id = ${this.#run} AND part >= 0`)
  }

  /** Ends sessions of the same run that an older owner left open, as a stopped process does: their locks would stay. */
  async endOlderSessions(epoch: number, part?: number): Promise<void> {
    await endOlderSessions(this.#session, { name: sessionName(this.#run.slice(1, -1), part, null), epoch })
  }

  /** Fails with 22012 (division by zero) instead of committing when the row is no longer ours; needs no procedural language. */
  #guarded(set: string, where: string): string {
    return `WITH moved AS (UPDATE ${this.#table} ${set}, updated_at = now() WHERE ${where} RETURNING 1)
      SELECT 1 / count(*) FROM moved; COMMIT`
  }

  #owned(part: number, epoch: number): string {
    return `run_id = ${this.#run} AND part = ${digits(part)} AND epoch = ${digits(epoch)}`
  }
}

type LedgerRow = { state: string; position: string; rows: string; bytes: string; digest: string }
const progressColumns = 'state, position, rows, bytes, digest'

function progressOf({ state, position, rows, bytes, digest }: LedgerRow): PartProgress {
  return {
    position: Number(position),
    rows: BigInt(rows),
    bytes: BigInt(bytes),
    digest,
    isDone: state === 'done',
  }
}

export function fenced(): never {
  throw new TaskFailure('fenced', 'Another node took this part over; nothing more was written.')
}

/** Ends a transaction with a guarded message; a row that is no longer ours means `fenced`. */
export async function commitGuarded(session: PgSession, sql: string): Promise<void> {
  try {
    await session.query(sql)
  } catch (error) {
    if (error instanceof TaskFailure && sqlState(error.cause) === '22012') fenced()
    throw error
  }
}

/** `application_name` of every session of a run: `sallyport <run>/<part>/<epoch>`, at most 63 bytes. */
export function sessionName(runId: string, part: number | 'run' | undefined, epoch: number | null): string {
  return `sallyport ${runId.slice(0, 8)}/${part === undefined ? '' : `${part}/`}${epoch ?? ''}`
}

export async function endOlderSessions(
  session: PgSession,
  older: { name: string; epoch: number },
): Promise<void> {
  await session.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()
     AND datname = current_database() AND usename = current_user AND starts_with(application_name, $1)
     AND substring(application_name FROM '[0-9]+$')::int8 < $2`,
    [older.name, older.epoch],
  )
}

/** Two sessions that create the same table at a time may collide inside the catalog, in spite of IF NOT EXISTS. */
export async function createOnce(session: PgSession, sql: string): Promise<void> {
  try {
    await session.query(sql)
  } catch (error) {
    if (!(error instanceof TaskFailure) || !['23505', '42P07'].includes(sqlState(error.cause) ?? ''))
      throw error
    await session.query(sql)
  }
}

export function sqlState(error: unknown): string | null {
  return error instanceof Object && 'code' in error && typeof error.code === 'string' ? error.code : null
}

function digits(value: number): string {
  if (!Number.isSafeInteger(value)) throw new RangeError('not a whole number')
  return String(value)
}
