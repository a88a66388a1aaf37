import { z } from 'zod'
import type { VerificationLevel } from '../../../../lib/protocol/copy-plan.ts'
import type { CopyIn } from '../../../connectors/postgresql/copy-streams.ts'
import { quoteNames, quoteTable, quoteText } from '../../../connectors/postgresql/quote.ts'
import type { PgSession } from '../../../connectors/postgresql/session.ts'
import { digestHex } from '../../../digest/row-digest.ts'
import { TaskFailure } from '../../failure.ts'
import type { TaskContext } from '../../task-context.ts'
import { copyInSql } from './chunk-writer.ts'
import { endOlderSessions, fenced, type PartProgress, retention, sessionName, sqlState } from './ledger.ts'
import { insertSql } from './insert-sql.ts'
import { advanceSequences, emptyTarget } from './publish-table.ts'
import { requireLease, type SinkPart, type SinkPartOptions } from './sink-part.ts'

const Marked = z.object({ rows: z.string(), bytes: z.string(), digest: z.string() })

export type TransactionOptions = SinkPartOptions & { verification: VerificationLevel }

/**
 * Writes a whole copy in one transaction, where the login may create no table. An empty large object named after the run is
 * made in the same transaction: its comment says what was committed, and of two owners only one can create it. A login that may
 * create none still overwrites and upserts exactly once; only an append could repeat after a lost answer.
 */
export class TransactionSinkPart implements SinkPart {
  progress: PartProgress
  readonly #session: PgSession
  readonly #options: TransactionOptions
  readonly #ctx: Pick<TaskContext, 'canCommit' | 'committing'>
  readonly #temporary: string
  readonly #isStaged: boolean
  #isOpen = false

  private constructor(
    { session, progress }: { session: PgSession; progress: PartProgress },
    options: TransactionOptions,
    ctx: Pick<TaskContext, 'canCommit' | 'committing'>,
  ) {
    this.progress = progress
    this.#session = session
    this.#options = options
    this.#ctx = ctx
    this.#isStaged = options.engine.writeBehavior === 'upsert' || Object.keys(options.engine.casts).length > 0
    this.#temporary = `pg_temp._sallyport_${options.runId.replaceAll('-', '')}`
  }

  static async open(
    session: PgSession,
    options: TransactionOptions,
    ctx: Pick<TaskContext, 'canCommit' | 'committing'>,
  ): Promise<TransactionSinkPart> {
    const { runId, key } = options
    await endOlderSessions(session, { name: sessionName(runId, undefined, null), epoch: key.epoch })
    return new TransactionSinkPart({ session, progress: await markedProgress(session, runId) }, options, ctx)
  }

  async begin(): Promise<CopyIn> {
    const { engine, format } = this.#options
    if (!this.#isOpen) {
      await this.#session.query('BEGIN')
      if (this.#isStaged)
        await this.#session.query(
          `CREATE TEMP TABLE ${this.#temporary.slice('pg_temp.'.length)} (${engine.definitions.join(', ')}) ON COMMIT DROP`,
        )
      if (engine.writeBehavior === 'overwrite') await emptyTarget(this.#session, engine)
      this.#isOpen = true
    }
    const into = this.#isStaged ? this.#temporary : quoteTable(engine.writeTo)
    return this.#session.copyIn(copyInSql(into, engine, format))
  }

  async commit(next: PartProgress): Promise<void> {
    if (!next.isDone) return
    const { engine, verification, runId } = this.#options
    if (verification === 'content') await this.#verify(next)
    if (this.#isStaged) await this.#session.query(insertSql(engine, this.#temporary))
    await advanceSequences(this.#session, engine)
    await mark(this.#session, runId, next)
    await this.#ctx.committing()
    requireLease(this.#ctx)
    await this.#session.query('COMMIT')
    this.progress = next
  }

  close(): Promise<void> {
    return this.#session.close()
  }

  /** Reads the transaction's own rows again, before anybody else can see them. */
  async #verify(next: PartProgress): Promise<void> {
    const { engine, read } = this.#options
    const from = this.#isStaged
      ? this.#temporary
      : `${quoteTable(engine.target)} WHERE xmin = pg_current_xact_id()::xid`
    const found = await read(
      this.#session,
      (options) => `COPY (SELECT ${quoteNames(engine.columns)} FROM ${from}) TO STDOUT (${options})`,
    )
    if (found.rows === next.rows && digestHex(found) === next.digest) return
    throw new TaskFailure(
      'verification_failed',
      `${next.rows} rows were written, but reading them again found ${found.rows} rows with another digest.`,
      { side: 'sink' },
    )
  }
}

/** Above 2^31, where the server's own counter of OIDs arrives last. */
function markerOid(runId: string): number {
  return (Number.parseInt(z.uuid().parse(runId).slice(0, 8), 16) | 0x8000_0000) >>> 0
}

const markerPrefix = 'sallyport run '

async function markedProgress(session: PgSession, runId: string): Promise<PartProgress> {
  const { rows } = await session.query<{ comment: string | null }>(
    `SELECT obj_description(oid, 'pg_largeobject') AS comment FROM pg_largeobject_metadata WHERE oid = $1::int8::oid`,
    [markerOid(runId)],
  )
  const comment = rows[0]?.comment
  const prefix = `${markerPrefix}${runId} `
  if (!comment?.startsWith(prefix)) return { position: 0, rows: 0n, bytes: 0n, digest: '', isDone: false }
  const marked = Marked.parse(JSON.parse(comment.slice(prefix.length)))
  return {
    position: 0,
    rows: BigInt(marked.rows),
    bytes: BigInt(marked.bytes),
    digest: marked.digest,
    isDone: true,
  }
}

/** Whether an append can be marked: nearly always, since every login may make large objects unless somebody revoked it. */
export async function canMark(session: PgSession): Promise<boolean> {
  const { rows } = await session.query<{ may: boolean }>(
    "SELECT has_function_privilege('lo_create(oid)', 'EXECUTE') AS may",
  )
  return rows[0]?.may ?? false
}

async function mark(session: PgSession, runId: string, done: PartProgress): Promise<void> {
  if (!(await canMark(session))) return
  const oid = markerOid(runId)
  const marked = {
    rows: String(done.rows),
    bytes: String(done.bytes),
    digest: done.digest,
    at: new Date().toISOString(),
  }
  try {
    await session.query(`SELECT lo_create(${oid})`)
  } catch (error) {
    if (error instanceof TaskFailure && sqlState(error.cause) === '23505') fenced()
    throw error
  }
  const comment = quoteText(`${markerPrefix}${runId} ${JSON.stringify(marked)}`)
  await session.query(`COMMENT ON LARGE OBJECT ${oid} IS ${comment}`)
}

/** Forgets marks that no late process can need any more. */
export async function forgetOldMarks(session: PgSession): Promise<void> {
  await session.query(
    `SELECT lo_unlink(oid) FROM pg_largeobject_metadata, obj_description(oid, 'pg_largeobject') AS comment
     WHERE pg_has_role(lomowner, 'USAGE') AND starts_with(comment, ${quoteText(markerPrefix)})
       AND (regexp_match(comment, '"at":"([^"]+)"'))[1]::timestamptz < now() - interval '${retention}'`,
  )
}
