import { z } from 'zod'
import type { Relation } from '../../connectors/postgresql/relations.ts'
import type { PgSession } from '../../connectors/postgresql/session.ts'
import { CopyFrameScanner } from '../../digest/copy-frame-scanner.ts'
import { TextRows } from '../../digest/text-rows.ts'
import { TaskFailure } from '../failure.ts'
import { canReadOwnRows } from '../table/sink/own-rows.ts'
import { drain, type RowReader } from '../table/sink/read-back.ts'
import { TableSinkEngine } from '../table/sink/sink-plan.ts'
import { ReadPlan } from './row-format.ts'

/**
 * An append of text that the sink's server turns into values, without a table between: each chunk goes straight into the target
 * and is read from there as the server writes it. That agrees where the file writes values as the server does (as its own COPY did); where it
 * does not (`007`, `1e3`), the part takes the chunk back and goes on by way of a temporary table.
 */
export const DirectRows = z.object({ read: ReadPlan, sink: TableSinkEngine })
export type DirectRows = z.infer<typeof DirectRows>

type DirectWish = {
  /** The way by a temporary table. */
  sink: TableSinkEngine
  existing: Relation | null
  read: ReadPlan | undefined
}

/** Null where the target cannot be read as it was written, or where nothing is gained. */
export async function planDirect(
  to: PgSession,
  { sink, existing, read }: DirectWish,
): Promise<DirectRows | null> {
  if (!read || !existing || sink.chunks !== 'temporary') return null
  if (!(await canReadOwnRows(to, existing, sink.columns))) return null
  return { read, sink: { ...sink, chunks: 'readAgain' } }
}

/** The rows as the server writes them, field by field, in COPY's text format: what costs the server least. */
export const readAsWritten: RowReader = async (session, statement) => {
  const rows = new TextRows()
  const scanner = new CopyFrameScanner('text', ({ bytes }) => rows.push(bytes))
  await drain(session.copyOut(statement('FORMAT text'), scanner))
  return rows.digest()
}

/** The chunk was read again and is not what the file says: written otherwise, or wrong. */
export function readsOtherwise(error: unknown): boolean {
  return error instanceof TaskFailure && error.code === 'verification_failed' && error.side === 'sink'
}
