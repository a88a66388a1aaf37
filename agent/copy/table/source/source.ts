import type { CopyPart, CopySource } from '../../../../lib/protocol/copy-plan.ts'
import {
  asSubquery,
  describeSelect,
  fromRelation,
  getRelation,
  type Relation,
} from '../../../connectors/postgresql/relations.ts'
import { quoteName, showTable } from '../../../connectors/postgresql/quote.ts'
import type { PgSession } from '../../../connectors/postgresql/session.ts'
import { TaskFailure } from '../../failure.ts'
import type { TaskContext } from '../../task-context.ts'
import { splitTable, TablePartEngine, wholePart } from './source-parts.ts'
import { heapsOf } from './steady-heaps.ts'

export type TableLikeSource = Exclude<CopySource, { kind: 'files' }>

/** A table, view or query with its columns. `relation` is null for a query. */
export type OpenSource = Pick<Relation, 'columns' | 'types'> & { from: string; relation: Relation | null }

export function showSource(source: TableLikeSource): string {
  return source.kind === 'table' ? showTable(source) : 'query'
}

export async function openSource(session: PgSession, source: TableLikeSource): Promise<OpenSource> {
  if (source.kind === 'table') {
    const relation = await getRelation(session, source)
    return { columns: relation.columns, types: relation.types, from: fromRelation(relation), relation }
  }
  const from = asSubquery(source.query)
  const { columns, types } = await describeSelect(session, `SELECT * FROM ${from}`)
  return { columns, types, from, relation: null }
}

/** Asks the server whether it can evaluate the expressions: a cast that does not exist is found before anything is copied. */
export async function checkExpressions(
  session: PgSession,
  source: OpenSource,
  columns: readonly { name: string; expression: string }[],
): Promise<OpenSource['columns']> {
  const describe = (chosen: typeof columns) =>
    describeSelect(session, `SELECT ${selectList(chosen)} FROM ${source.from}`)
  try {
    return (await describe(columns)).columns
  } catch (error) {
    if (!(error instanceof TaskFailure) || columns.length === 1) throw error
    for (const column of columns)
      await describe([column]).catch((reason: unknown) => nameColumn(reason, column.name))
    throw error
  }
}

/** Row-level security hides rows without a word; who copies a table should hear of it. */
export async function policyWarnings(session: PgSession, { relation }: OpenSource): Promise<string[]> {
  if (!relation) return []
  const { rows } = await session.query<{ isActive: boolean }>(
    'SELECT row_security_active($1::int8::oid) AS "isActive"',
    [relation.oid],
  )
  if (!rows[0]?.isActive) return []
  const name = showTable(relation.name)
  return [
    `Row-level security of ${name} is active for this login: only rows that its policies show are copied.`,
  ]
}

export function selectList(columns: readonly { name: string; expression: string }[]): string {
  return columns.map(({ name, expression }) => `${expression} AS ${quoteName(name)}`).join(', ')
}

function nameColumn(reason: unknown, column: string): never {
  if (!(reason instanceof TaskFailure)) throw reason
  const { code, side, message } = reason
  throw new TaskFailure(code, `Column “${column}”: ${message}`, { side, cause: reason.cause })
}

export async function splitSource(
  session: PgSession,
  source: OpenSource,
  options: { parallel: number | undefined; chunked: boolean; splits: boolean },
): Promise<CopyPart[]> {
  if (!source.relation) return [wholePart(source.from, 'query')]
  const parallel = options.splits ? options.parallel : 1
  const parts = await splitTable(session, source.relation, { parallel, chunked: options.chunked })
  return options.splits || parts.length === 1
    ? parts
    : [wholePart(source.from, showTable(source.relation.name), source.relation.estimatedRows)]
}

/**
 * A snapshot that all parts share, kept open by this node. Only needed where a source is read in more than one transaction;
 * a server that exports none (a pooler, some standbys) leaves each part with its own. Nobody may empty, rewrite or replace the
 * tables while it is kept.
 */
export async function shareSnapshot(
  source: { store: TableLikeSource['store']; parts: readonly CopyPart[] },
  ctx: TaskContext,
): Promise<{ id: string; holdId: string } | undefined> {
  const parts = source.parts.map(({ engine }) => TablePartEngine.parse(engine))
  const reads = parts.flatMap(({ ranges }) => ranges)
  if (parts.length === 1 && reads.length === 1 && reads[0]?.first === null) return undefined
  try {
    const { holdId, snapshotId } = await ctx.holdSnapshot({ store: source.store, heaps: heapsOf(parts) })
    return { id: snapshotId, holdId }
  } catch (error) {
    if (error instanceof TaskFailure && ['cancelled', 'fenced', 'store_conflict'].includes(error.code))
      throw error
    ctx.log('warn', 'The source exports no snapshot: each part reads the source as it is when it starts.')
    return undefined
  }
}
