import type { CopyOut } from '../../../connectors/postgresql/copy-streams.ts'
import { quoteNames, quoteTable } from '../../../connectors/postgresql/quote.ts'
import type { PgSession } from '../../../connectors/postgresql/session.ts'
import { CopyFrameScanner } from '../../../digest/copy-frame-scanner.ts'
import { addDigests, type RowDigest } from '../../../digest/row-digest.ts'
import { blockCondition } from '../source/source-parts.ts'
import type { TableSinkEngine } from './sink-plan.ts'
import { blockCount } from './staging.ts'

/** Reads the rows of a COPY and digests them in the copy's canonical form. */
export type RowReader = (session: PgSession, statement: (options: string) => string) => Promise<RowDigest>

/** The canonical form of pass-through copies: the rows exactly as COPY sends them. */
export function readFrames(format: 'binary' | 'text'): RowReader {
  return async (session, statement) => {
    const scanner = new CopyFrameScanner(format)
    await drain(session.copyOut(statement(`FORMAT ${format}`), scanner))
    return scanner.digest()
  }
}

export async function drain(copy: CopyOut): Promise<void> {
  // The scanner has seen the chunks already.
  for (let chunk = await copy.read(); chunk; chunk = await copy.read()) copy.done(chunk)
}

/** Tables below this size are read by one session. */
const parallelFromBlocks = 2048

/** Digests what a staging table holds, over two sessions at a time: reading must cost less than the copy did. */
export async function digestTable(
  sessions: readonly [PgSession, PgSession],
  engine: Pick<TableSinkEngine, 'writeTo' | 'columns'>,
  read: RowReader,
): Promise<RowDigest> {
  const blocks = await blockCount(sessions[0], engine.writeTo)
  const select = `SELECT ${quoteNames(engine.columns)} FROM ONLY ${quoteTable(engine.writeTo)}`
  const statement = (where: string) => (options: string) => `COPY (${select}${where}) TO STDOUT (${options})`
  if (blocks < parallelFromBlocks) return read(sessions[0], statement(''))
  const middle = Math.floor(blocks / 2)
  const halves = await Promise.all([
    read(sessions[0], statement(` WHERE ctid < '(${middle},0)'::tid`)),
    read(sessions[1], statement(blockCondition(middle, null))),
  ])
  return addDigests(...halves)
}
