import { quoteTable, showTable } from '../../../connectors/postgresql/quote.ts'
import type { Relation } from '../../../connectors/postgresql/relations.ts'
import type { PgSession } from '../../../connectors/postgresql/session.ts'
import { TaskFailure } from '../../failure.ts'
import { referringWarnings } from './referring-tables.ts'
import type { PairedColumn } from '../columns/sink-columns.ts'
import type { TableSinkEngine } from './sink-plan.ts'
import { nullKeyWarnings } from './upsert-keys.ts'

export type DemandedCopy = {
  /** Null where the rows come from files or a query, which promise nothing. */
  source: { session: PgSession; relation: Relation } | null
  existing: Relation | null
  pairs: readonly PairedColumn[]
  engine: Pick<TableSinkEngine, 'writeBehavior' | 'keys'>
}

/**
 * What the sink's table demands of its rows beside their types, and the source's does not: a row that breaks it is found when it
 * arrives; whoever copies should hear of it before.
 */
export async function tableWarnings(to: PgSession, copy: DemandedCopy): Promise<string[]> {
  const { existing, source, pairs } = copy
  if (!existing) return []
  const atSink = await readDemands(to, existing)
  const atSource = source ? await readDemands(source.session, source.relation) : []
  const open = atSink.filter((demand) => !isKept(demand, { atSource, pairs }))
  return [
    ...nullWarnings(pairs),
    ...conditionWarnings(existing, open),
    ...(await keyWarnings(to, { ...copy, existing, atSink, open })),
    ...(copy.engine.writeBehavior === 'overwrite' ? await referringWarnings(to, existing) : []),
    ...(await nullKeyWarnings(to, { existing, keys: copy.engine.keys })),
    ...(await partitionWarnings(to, existing)),
  ]
}

type Demand = {
  kind: 'condition' | 'reference' | 'key'
  /** Of an index. */
  name: string
  definition: string
  /** That it names; null where it does not say. */
  columns: string[] | null
  /** All rows that are there keep it. */
  isKept: boolean
}

/** An index is written without its name and table. Keys by index: not every unique index has a constraint. */
const demandsSql = `
  SELECT CASE contype WHEN 'f' THEN 'reference' ELSE 'condition' END AS kind, conname AS name, pg_get_constraintdef(c.oid) COLLATE "C" AS definition,
    (SELECT array_agg(attname::text) FROM pg_attribute WHERE attrelid = conrelid AND attnum = ANY(conkey)) AS columns,
    contype = 'c' AND convalidated AS "isKept"
  FROM pg_constraint c
  WHERE conrelid = $1::int8::oid AND contype IN ('c', 'f', 'x') AND coalesce((to_jsonb(c) ->> 'conenforced')::bool, true)
  UNION ALL
  SELECT 'condition', '', 'CHECK (' || pg_get_partition_constraintdef(oid) || ')', NULL, false
  FROM pg_class WHERE oid = $1::int8::oid AND relispartition AND pg_get_partition_constraintdef(oid) IS NOT NULL
  UNION ALL
  SELECT 'key', x.relname, regexp_replace(pg_get_indexdef(indexrelid), '^.*? USING [a-z]+ (?=\\()', ''),
    CASE WHEN 0 <> ALL(indkey::int2[]) AND indpred IS NULL THEN
      (SELECT array_agg(attname::text) FROM pg_attribute WHERE attrelid = indrelid AND attnum = ANY((indkey::int2[])[0:indnkeyatts - 1])) END,
    indisvalid
  FROM pg_index JOIN pg_class x ON x.oid = indexrelid WHERE indrelid = $1::int8::oid AND indisunique
  ORDER BY kind, definition, name`

async function readDemands(session: PgSession, { oid }: Relation): Promise<Demand[]> {
  return (await session.query<Demand>(demandsSql, [oid])).rows
}

/** The source demands the same of the same columns; whether other tables hold what rows refer to, it cannot know. */
function isKept(
  { kind, definition, columns }: Demand,
  { atSource, pairs }: { atSource: readonly Demand[]; pairs: readonly PairedColumn[] },
): boolean {
  const areAlike = (columns ?? pairs.map(({ sink }) => sink.name)).every((name) =>
    pairs.some(({ source, sink }) => sink.name === name && source.name === name && source.type === sink.type),
  )
  return (
    kind !== 'reference' &&
    areAlike &&
    atSource.some((demand) => demand.kind === kind && demand.definition === definition && demand.isKept)
  )
}

function nullWarnings(pairs: readonly PairedColumn[]): string[] {
  const names = pairs.flatMap(({ source, sink }) => (sink.notNull && !source.notNull ? `“${sink.name}”` : []))
  return names.length === 0
    ? []
    : [
        `The sink demands NOT NULL of ${names.join(', ')}, which may be NULL in the source; a row where one is stops the copy.`,
      ]
}

function conditionWarnings({ name }: Relation, open: readonly Demand[]): string[] {
  const demands = open.flatMap(({ kind, definition }) => (kind === 'key' ? [] : definition))
  return demands.length === 0
    ? []
    : [
        `Table ${showTable(name)} of the sink demands ${demands.join(', ')}; a row that breaks it stops the copy.`,
      ]
}

type Keys = DemandedCopy & { existing: Relation; atSink: readonly Demand[]; open: readonly Demand[] }

async function keyWarnings(
  to: PgSession,
  { existing, engine, pairs, atSink, open }: Keys,
): Promise<string[]> {
  const { writeBehavior, keys } = engine
  const isFull = writeBehavior !== 'overwrite' && (await mayHoldRows(to, existing))
  const repeatable = (isFull ? atSink : open).filter(({ kind, columns }) => {
    if (kind !== 'key') return false
    // By its own key an upsert finds the row. What is mapped to nothing counts or fills itself.
    const isOwn = writeBehavior === 'upsert' && columns !== null && sameNames(columns, keys)
    return (
      !isOwn && (columns === null || columns.some((name) => pairs.some(({ sink }) => sink.name === name)))
    )
  })
  if (repeatable.length === 0) return []
  const [table, definitions] = [showTable(existing.name), repeatable.map(({ definition }) => definition)]
  const names = repeatable.map(({ name }) => name).join(', ')
  return [
    `Table ${table} of the sink ${isFull ? 'holds rows and ' : ''}takes each value of ${definitions.join(', ')} only once (${names}); a row that repeats one stops the copy.`,
  ]
}

function sameNames(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((name) => right.includes(name))
}

/** Also where this login may not look. */
async function mayHoldRows(session: PgSession, { oid, name }: Relation): Promise<boolean> {
  const { rows } = await session.query<{ may: boolean }>(
    "SELECT has_any_column_privilege($1::int8::oid, 'SELECT') AS may",
    [oid],
  )
  if (!rows[0]?.may) return true
  return (await session.query(`SELECT FROM ${quoteTable(name)} LIMIT 1`)).rows.length > 0
}

async function partitionWarnings(session: PgSession, { oid, name }: Relation): Promise<string[]> {
  const { rows } = await session.query<{ isOpen: boolean; isEmpty: boolean }>(
    `SELECT partdefid = 0 AND partstrat <> 'h' AS "isOpen",
       NOT EXISTS (SELECT FROM pg_inherits WHERE inhparent = partrelid) AS "isEmpty"
     FROM pg_partitioned_table WHERE partrelid = $1::int8::oid`,
    [oid],
  )
  const [found] = rows
  const table = showTable(name)
  if (found?.isEmpty)
    throw new TaskFailure(
      'schema_mismatch',
      `Table ${table} has no partitions, so that it can hold no row. Make them first.`,
      { side: 'sink' },
    )
  return found?.isOpen
    ? [
        `Table ${table} of the sink has no default partition; a row that none of its partitions takes stops the copy.`,
      ]
    : []
}
