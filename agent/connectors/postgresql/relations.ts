import type { PgSession } from './session.ts'
import { TaskFailure } from '../../copy/failure.ts'
import { loadTypes, type PgTypes } from './pg-types.ts'
import { quoteTable, showTable, type TableName } from './quote.ts'

export type RelationColumn = {
  name: string
  typeOid: number
  typmod: number
  /** format_type(): `numeric(12,2)`. */
  type: string
  notNull: boolean
  isKey: boolean
  isGenerated: boolean
  /** Of an array, as the table's author wrote it: the server holds nobody to it. */
  dimensions: number
}

/** A table, view or the result of a query. */
export type Relation = {
  oid: number
  /** As pg_class.relkind: r(egular) p(artitioned) v(iew) m(aterialised view) f(oreign). */
  kind: string
  name: TableName
  columns: RelationColumn[]
  types: PgTypes
  estimatedRows: bigint
}

/** Null where there is no such relation; a missing schema is the same to the reader. */
export async function findRelation(session: PgSession, name: TableName): Promise<Relation | null> {
  const found = await session.query<{ oid: number; kind: string; rows: string }>(
    `SELECT c.oid::int8::float8 AS oid, c.relkind::text AS kind, greatest(c.reltuples, 0)::int8::text AS rows
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`,
    [name.schema, name.table],
  )
  const relation = found.rows[0]
  if (!relation) return null
  const { rows: columns } = await session.query<RelationColumn>(columnsSql, [relation.oid])
  const types = await loadTypes(
    session,
    columns.map(({ typeOid }) => typeOid),
  )
  const { oid, kind, rows } = relation
  return { oid, kind, name, columns, types, estimatedRows: BigInt(rows) }
}

export async function getRelation(session: PgSession, name: TableName): Promise<Relation> {
  const relation = await findRelation(session, name)
  if (relation) return relation
  throw new TaskFailure('not_found', `Table ${showTable(name)} does not exist, or the login may not see it.`)
}

const columnsSql = `
  SELECT a.attname AS name, a.atttypid::int8::float8 AS "typeOid", a.atttypmod AS typmod,
    format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS "notNull",
    coalesce(a.attnum = ANY(i.indkey::int2[]), false) AS "isKey", a.attgenerated <> '' AS "isGenerated",
    a.attndims::int AS dimensions
  FROM pg_attribute a LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
  WHERE a.attrelid = $1::int8::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`

/** Semicolons at the end, with spaces and comments between and behind them. */
const closing = /;(?:[\s;]|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*$/

/** A query as it may stand in FROM: without its closing semicolon, and safe against a comment at its end. */
export function asSubquery(query: string): string {
  return `(${query.replace(closing, '')}\n) AS source`
}

/** The columns of any FROM item, asked of the server itself; of expressions too, so that a wrong cast is found before a copy. */
export async function describeSelect(
  session: PgSession,
  select: string,
): Promise<Pick<Relation, 'columns' | 'types'>> {
  const { fields } = await session.queryOne(`${select} LIMIT 0`)
  const path = await session.query<{ path: string }>("SELECT current_setting('search_path') AS path")
  await session.query('SET search_path = pg_catalog') // so that format_type() names the schemas of types
  const shown = await session.query<{ type: string }>(
    `SELECT format_type(t.oid::oid, t.typmod) AS type
     FROM unnest($1::int8[], $2::int4[]) WITH ORDINALITY AS t(oid, typmod, n) ORDER BY n`,
    [fields.map(({ dataTypeID }) => dataTypeID), fields.map(({ dataTypeModifier }) => dataTypeModifier)],
  )
  await session.query("SELECT set_config('search_path', $1, false)", [path.rows[0]?.path ?? 'pg_catalog'])
  const columns = fields.map(({ name, dataTypeID, dataTypeModifier }, index) => ({
    name,
    typeOid: dataTypeID,
    typmod: dataTypeModifier,
    type: shown.rows[index]?.type ?? 'unknown',
    notNull: false,
    isKey: false,
    isGenerated: false,
    dimensions: 0,
  }))
  const types = await loadTypes(
    session,
    columns.map(({ typeOid }) => typeOid),
  )
  return { columns, types }
}

/** What stands in FROM to read a relation with its children, as people expect of its name. */
export function fromRelation({ name }: Pick<Relation, 'name'>): string {
  return quoteTable(name)
}
