import type { CopyIn } from '../../../connectors/postgresql/copy-streams.ts'
import { quoteNames, quoteTable, showTable } from '../../../connectors/postgresql/quote.ts'
import type { PgSession } from '../../../connectors/postgresql/session.ts'
import type { RowDigest } from '../../../digest/row-digest.ts'
import { TaskFailure } from '../../failure.ts'
import { OwnRows, requireSameRows } from './own-rows.ts'
import { insertSql, refusedCast } from './insert-sql.ts'
import type { RowReader } from './read-back.ts'
import type { TableSinkEngine } from './sink-plan.ts'

/** How the rows of one transaction get into the table that a part writes. */
export type ChunkWriter = {
  /** After BEGIN. */
  begin(): Promise<CopyIn>
  /** Before COMMIT; throws `verification_failed` where the rows differ from those that were sent. */
  settle(sent: RowDigest): Promise<void>
}
export type ChunkOptions = {
  engine: TableSinkEngine
  /** COPY's options: `FORMAT binary`. */
  format: string
  /** How the sink is read again in the copy's canonical form. */
  read: RowReader
}

export async function openChunkWriter(session: PgSession, options: ChunkOptions): Promise<ChunkWriter> {
  const { chunks } = options.engine
  if (chunks === 'temporary') return openTemporary(session, options)
  return chunks === 'readAgain' ? readAgain(session, options) : plain(session, options)
}

function plain(session: PgSession, { engine, format }: ChunkOptions): ChunkWriter {
  return {
    begin: () => session.copyIn(copyInSql(quoteTable(engine.writeTo), engine, format)),
    settle: async () => {},
  }
}

function readAgain(session: PgSession, { engine, format, read }: ChunkOptions): ChunkWriter {
  let own: OwnRows | null = null
  return {
    async begin() {
      own = await OwnRows.begin(session, engine)
      return session.copyIn(copyInSql(quoteTable(engine.writeTo), engine, format))
    },
    settle: async (sent) => own?.verify(sent, read),
  }
}

const temporary = 'pg_temp._sallyport_chunk'

/** Where the table itself could not be compared with what was sent: values are cast, or triggers change them. */
async function openTemporary(
  session: PgSession,
  { engine, format, read }: ChunkOptions,
): Promise<ChunkWriter> {
  const name = temporary.slice('pg_temp.'.length)
  await session.query(`CREATE TEMP TABLE ${name} (${engine.definitions.join(', ')}) ON COMMIT DELETE ROWS`)
  return {
    begin: () => session.copyIn(copyInSql(temporary, engine, format)),
    async settle(sent) {
      const columns = quoteNames(engine.columns)
      const found = await read(
        session,
        (options) => `COPY (SELECT ${columns} FROM ${temporary}) TO STDOUT (${options})`,
      )
      requireSameRows(sent, found)
      const { rowCount } = await session.query(insertSql(engine, temporary)).catch(refusedCast(engine))
      if (BigInt(rowCount ?? 0) !== sent.rows)
        throw new TaskFailure(
          'verification_failed',
          `${sent.rows} rows were written, but ${showTable(engine.target)} took ${rowCount ?? 0} (a trigger or rule?).`,
          { side: 'sink' },
        )
    },
  }
}

/** `into`: a quoted table. */
export function copyInSql(
  into: string,
  { columns }: Pick<TableSinkEngine, 'columns'>,
  format: string,
): string {
  return `COPY ${into} (${quoteNames(columns)}) FROM STDIN (${format})`
}
