import type { StoreColumn } from '../../../lib/protocol/copy-plan.ts'
import type { BrowseResult, DescribeResult, ItemRef, PreviewRows } from '../../../lib/protocol/interactive.ts'
import { PostgreSqlAddress } from '../../../lib/protocol/stores.ts'
import { TaskFailure } from '../../copy/failure.ts'
import type { Explorer, OpenStore } from '../connector.ts'
import { quoteName, showTable } from './quote.ts'
import { asSubquery, describeSelect, fromRelation, getRelation, type RelationColumn } from './relations.ts'
import { PgSession } from './session.ts'
import { testPostgres } from './test-connection.ts'

/** More entries than a person reads; the filter finds the rest. */
const browseLimit = 1000
/** A preview is to look at: longer values are cut. */
const previewLength = 2000
/** A person waits. */
const statementTimeout = '30s'

export const postgresExplorer: Explorer = { testConnection: testPostgres, browse, describe, preview }

async function browse(
  store: OpenStore,
  { path, filter = '' }: { path: string[]; filter?: string | undefined },
): Promise<BrowseResult> {
  const [schema] = path
  if (path.length > 1) throw new TaskFailure('not_found', 'A database has schemas, and schemas have tables.')
  return readOnly(store, schema, async (session) => {
    const { rows } = await session.query<BrowseResult['items'][number]>(
      schema === undefined ? schemasSql : tablesSql,
      schema === undefined ? [filter] : [filter, schema],
    )
    const items = rows.slice(0, browseLimit).map(({ estimatedRows, ...item }) => ({
      ...item,
      ...(typeof estimatedRows === 'string' && { estimatedRows }),
    }))
    return { items, truncated: rows.length > browseLimit }
  })
}

const schemasSql = `
  SELECT nspname AS name, 'schema' AS kind FROM pg_namespace
  WHERE nspname !~ '^(pg_|information_schema$)' AND has_schema_privilege(oid, 'USAGE')
    AND position(lower($1) IN lower(nspname)) > 0
  ORDER BY nspname LIMIT ${browseLimit + 1}`

/** Our own ledger and staging tables are nothing to copy. */
const tablesSql = `
  SELECT c.relname AS name, CASE WHEN c.relkind IN ('v', 'm') THEN 'view' ELSE 'table' END AS kind,
    CASE WHEN c.reltuples >= 0 AND c.relkind <> 'v' THEN c.reltuples::int8::text END AS "estimatedRows"
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $2 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
    AND NOT starts_with(c.relname, '_sallyport_') AND position(lower($1) IN lower(c.relname)) > 0
  ORDER BY c.relname LIMIT ${browseLimit + 1}`

function describe(store: OpenStore, item: ItemRef): Promise<DescribeResult> {
  return readOnly(store, showItem(item), async (session) => {
    const { columns, estimatedRows } = await columnsOf(session, item)
    return {
      columns: columns.map(toStoreColumn),
      ...(estimatedRows !== undefined && { estimatedRows: String(estimatedRows) }),
    }
  })
}

function preview(store: OpenStore, { item, limit }: { item: ItemRef; limit: number }): Promise<PreviewRows> {
  return readOnly(store, showItem(item), async (session) => {
    const { columns, from } = await columnsOf(session, item)
    const names = columns.map(({ name }) => name)
    const texts = names.map((name) => `left(${quoteName(name)}::text, ${previewLength + 1})`)
    const list = texts.length > 0 ? texts.join(', ') : "''"
    const { rows } = await session.queryOne<{ row: (string | null)[] }>(
      `SELECT ARRAY[${list}]::text[] AS row FROM ${from} LIMIT ${Math.min(limit, 100)}`,
    )
    return { columns: columns.map(toStoreColumn), rows: rows.map(({ row }) => row.map(cut)) }
  })
}

function cut(value: string | null): string | null {
  return value !== null && value.length > previewLength ? `${value.slice(0, previewLength)}…` : value
}

function showItem(item: ItemRef): string {
  return item.kind === 'table' ? showTable(item) : item.kind
}

async function columnsOf(
  session: PgSession,
  item: ItemRef,
): Promise<{ columns: RelationColumn[]; from: string; estimatedRows?: bigint }> {
  if (item.kind === 'file') throw new TaskFailure('not_found', 'A database holds tables, not files.')
  if (item.kind === 'table') {
    const relation = await getRelation(session, item)
    return { columns: relation.columns, from: fromRelation(relation), estimatedRows: relation.estimatedRows }
  }
  await session.useLoginsPath()
  const from = asSubquery(item.query)
  return { from, columns: (await describeSelect(session, `SELECT * FROM ${from}`)).columns }
}

function toStoreColumn({ name, type, notNull, isKey }: RelationColumn): StoreColumn {
  return { name, type, nullable: !notNull, isKey }
}

/** People's queries are run in a transaction that can change nothing, and not for ever. */
async function readOnly<T>(
  store: OpenStore,
  object: string | undefined,
  work: (session: PgSession) => Promise<T>,
): Promise<T> {
  const address = PostgreSqlAddress.parse(store.address)
  const { secret, allowedHosts } = store
  const login = { address, secret, allowedHosts, applicationName: 'sallyport explorer' }
  const session = await PgSession.open(login, { store: store.name, object }, store.signal)
  try {
    await session.query(`BEGIN READ ONLY; SET LOCAL statement_timeout = '${statementTimeout}'`)
    return await work(session)
  } finally {
    await session.close()
  }
}
