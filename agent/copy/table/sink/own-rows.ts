import { quoteNames, quoteTable, quoteText } from '../../../connectors/postgresql/quote.ts'
import type { Relation } from '../../../connectors/postgresql/relations.ts'
import type { PgSession } from '../../../connectors/postgresql/session.ts'
import { digestHex, type RowDigest } from '../../../digest/row-digest.ts'
import { TaskFailure } from '../../failure.ts'
import type { RowReader } from './read-back.ts'
import type { TableSinkEngine } from './sink-plan.ts'
import { blockCondition } from '../source/source-parts.ts'
import { blockCount } from './staging.ts'

/** PostgreSQL adds up to 64 blocks at a time for each writer; what one leaves of them the next rows fill first. */
const leftBlocks = 1024

/**
 * Reads again what the open transaction added to a table, before it commits: no row becomes visible that was not compared, and
 * nothing is written twice, as it would be by way of a staging table.
 */
export class OwnRows {
  readonly #session: PgSession
  readonly #engine: OwnRowsEngine
  readonly #firstBlock: number
  /** The number of the open transaction; in the rows it is `xmin`. */
  readonly #transaction: string

  private constructor(session: PgSession, engine: OwnRowsEngine, { blocks, transaction }: Beginning) {
    this.#session = session
    this.#engine = engine
    this.#firstBlock = Math.max(0, blocks - leftBlocks)
    this.#transaction = transaction
  }

  /** At the beginning of the transaction, before its first row. */
  static async begin(session: PgSession, engine: OwnRowsEngine): Promise<OwnRows> {
    const { rows } = await session.query<{ transaction: string }>(
      'SELECT pg_current_xact_id()::xid::text AS transaction',
    )
    const blocks = await blockCount(session, engine.writeTo)
    return new OwnRows(session, engine, { blocks, transaction: rows[0]?.transaction ?? '' })
  }

  /** Throws `verification_failed` where the rows differ from those that were sent. */
  async verify(sent: RowDigest, read: RowReader): Promise<void> {
    requireSameRows(sent, await this.find(sent.rows, read))
  }

  /** COPY adds at the table's end, unless the table has holes: then some rows are missing there, and all of it is read. */
  async find(rows: bigint, read: RowReader): Promise<RowDigest> {
    const atEnd = await this.#read(this.#firstBlock, read)
    return atEnd.rows < rows && this.#firstBlock > 0 ? this.#read(0, read) : atEnd
  }

  #read(firstBlock: number, read: RowReader): Promise<RowDigest> {
    const { writeTo, columns } = this.#engine
    const select = quoteNames(columns)
    const own = `xmin = ${quoteText(this.#transaction)}::xid`
    return read(
      this.#session,
      (options) =>
        `COPY (SELECT ${select} FROM ONLY ${quoteTable(writeTo)}${blockCondition(firstBlock, null)} AND ${own}) TO STDOUT (${options})`,
    )
  }
}

export function requireSameRows(sent: RowDigest, found: RowDigest): void {
  if (found.rows === sent.rows && digestHex(found) === digestHex(sent)) return
  throw new TaskFailure(
    'verification_failed',
    found.rows === sent.rows
      ? `${sent.rows} rows were written, but reading them again before the commit found another digest.`
      : `${sent.rows} rows were written, but reading them again before the commit found ${found.rows}.`,
    { side: 'sink' },
  )
}

type Beginning = { blocks: number; transaction: string }
type OwnRowsEngine = Pick<TableSinkEngine, 'writeTo' | 'columns'>

/**
 * Whether rows can be found again as they were sent: a plain table that this login may read, without triggers, rules and
 * policies that make something else of them, on a server that reads ranges of blocks (PostgreSQL 14).
 */
export async function canReadOwnRows(
  session: PgSession,
  { oid }: Pick<Relation, 'oid'>,
  columns: readonly string[],
): Promise<boolean> {
  const { rows } = await session.query<{ may: boolean }>(
    `SELECT c.relkind = 'r' AND am.amname = 'heap' AND NOT c.relhassubclass AND NOT row_security_active(c.oid)
       AND current_setting('server_version_num')::int >= 140000
       AND NOT EXISTS (SELECT FROM pg_rewrite WHERE ev_class = c.oid)
       AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal)
       AND NOT EXISTS (SELECT FROM unnest($2::text[]) AS name WHERE NOT has_column_privilege(c.oid, name, 'SELECT')) AS may
     FROM pg_class c LEFT JOIN pg_am am ON am.oid = c.relam WHERE c.oid = $1::int8::oid`,
    [oid, columns],
  )
  return rows[0]?.may ?? false
}
