import { z } from 'zod'
import { quoteName } from '../../connectors/postgresql/quote.ts'
import type { Relation } from '../../connectors/postgresql/relations.ts'
import type { PgSession } from '../../connectors/postgresql/session.ts'
import { TaskFailure } from '../failure.ts'
import { canReadOwnRows } from '../table/own-rows.ts'
import { TableSinkEngine } from '../table/sink-plan.ts'
import { ReadPlan } from './row-format.ts'

/**
 * An append of text that the sink's server turns into values, without a table between: each chunk goes straight into the target
 * and is read from there as text. That agrees where the file writes values as the server does (as its own COPY did); where it
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
  const readBack = sink.columns.map((name, index) => asWritten(quoteName(name), read.columns[index]?.type))
  return { read, sink: { ...sink, chunks: 'readAgain', readBack } }
}

/** What COPY would write for a value, in the bytes of a binary tuple. Most casts to text write the same. */
function asWritten(column: string, type = ''): string {
  if (/^(text|json|character varying|character)\b(?!.*\[)/.test(type)) return column
  if (type === 'boolean') return `CASE WHEN ${column} THEN 't' WHEN NOT ${column} THEN 'f' END`
  if (type === 'inet') return `CASE WHEN ${column} IS NOT NULL THEN format('%s', ${column}) END`
  return `${column}::text`
}

/** The chunk was read again and is not what the file says: written otherwise, or wrong. */
export function readsOtherwise(error: unknown): boolean {
  return error instanceof TaskFailure && error.code === 'verification_failed' && error.side === 'sink'
}
