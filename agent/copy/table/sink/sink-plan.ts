import { z } from 'zod'
import type { TableSink, VerificationLevel } from '../../../../lib/protocol/copy-plan.ts'
import {
  quoteName,
  quoteTable,
  requireNameFits,
  showTable,
  type TableName,
} from '../../../connectors/postgresql/quote.ts'
import { findRelation, type Relation } from '../../../connectors/postgresql/relations.ts'
import type { PgSession } from '../../../connectors/postgresql/session.ts'
import { TaskFailure } from '../../failure.ts'
import { canReadOwnRows } from './own-rows.ts'
import { requireNoneReferring } from './referring-tables.ts'
import { upsertKeys } from './upsert-keys.ts'

const Table = z.object({ schema: z.string(), table: z.string() })

/**
 * How rows become visible. `rename`: a new table is filled under another name. `refill`, `insert`, `upsert`: from a staging
 * table in one transaction; `refill` by a swap of the two tables where nothing is lost by it. `direct`: parts commit into
 * the target, chunk by chunk. `transaction`: without a ledger, one part in one transaction.
 */
export const publishModes = ['rename', 'refill', 'insert', 'upsert', 'direct', 'transaction'] as const

export const TableSinkEngine = z.object({
  target: Table,
  /** Where parts write: the staging table, or the target itself. */
  writeTo: Table,
  ledger: Table.nullable(),
  mode: z.enum(publishModes),
  /**
   * `direct`: what happens to each chunk before it is committed. `readAgain`: it is read again in the target. `temporary`: it is
   * read again in a temporary table and inserted from there.
   */
  chunks: z.enum(['plain', 'readAgain', 'temporary']).default('plain'),
  writeBehavior: z.enum(['append', 'overwrite', 'upsert']),
  /** Column names in the order in which rows arrive. */
  columns: z.array(z.string()),
  /** The same with their types, for staging. */
  definitions: z.array(z.string()),
  /** Columns that are staged in another type, and cast to this one by the sink when it publishes. */
  casts: z.record(z.string(), z.string()),
  keys: z.array(z.string()),
  primaryKey: z.array(z.string()),
})
export type TableSinkEngine = z.infer<typeof TableSinkEngine>

export type SinkColumn = {
  name: string
  type: string
  notNull: boolean
  isKey: boolean
  /** Arrives in another type: staged so, verified so, and cast to `type` by the sink's server when it is published. */
  stagedAs?: string | undefined
}
export type SinkWish = {
  sink: z.output<typeof TableSink>
  runId: string
  verification: VerificationLevel
  existing: Relation | null
  /** Mapped columns with their types at the sink, in the order in which rows arrive. */
  columns: readonly SinkColumn[]
}

/** The table a copy writes to; null where it is still to be created. */
export async function findTarget(session: PgSession, sink: SinkWish['sink']): Promise<Relation | null> {
  for (const name of [sink.schema, sink.table]) requireNameFits(name)
  const relation = await findRelation(session, sink)
  if (!relation && !sink.createTable)
    throw new TaskFailure('not_found', `Table ${showTable(sink)} does not exist at the sink.`, {
      side: 'sink',
    })
  if (relation && !['r', 'p', 'f'].includes(relation.kind))
    throw new TaskFailure('schema_mismatch', `${showTable(sink)} is a view; choose a table.`, {
      side: 'sink',
    })
  return relation
}

/** Decides how the rows are written, and checks every right that it needs before anything is copied. */
export async function planTableSink(session: PgSession, wish: SinkWish): Promise<TableSinkEngine> {
  const { sink, existing, columns } = wish
  const target = { schema: sink.schema, table: sink.table }
  if (existing) await requireFilledColumns(session, existing, columns)
  const rights = await readRights(session, target)
  const keys = await upsertKeys(session, wish)
  const workSchema = rights.workSchema
  const chunks = await chooseChunks(session, wish, rights)
  const mode = chooseMode(wish, { hasWorkSchema: workSchema !== null, chunks })
  requireRights(rights, { target, mode, wish })
  if (existing && sink.writeBehavior === 'overwrite') await requireNoneReferring(session, existing)
  const ledger = workSchema === null ? null : await ledgerName(session, workSchema)
  const staging = `_sallyport_${wish.runId.replaceAll('-', '')}`
  const isStaged = mode !== 'direct' && mode !== 'transaction'
  // Where a trigger fills what arrives empty, the staging table has to take it first.
  const mayStand = mode === 'rename' || (mode === 'refill' && !rights.hasTriggers)
  const cast = columns.filter(({ stagedAs }) => stagedAs !== undefined)
  return {
    target,
    writeTo: isStaged && workSchema !== null ? { schema: workSchema, table: staging } : target,
    ledger,
    mode,
    chunks: mode === 'direct' && chunks ? chunks : 'plain',
    writeBehavior: sink.writeBehavior,
    columns: columns.map(({ name }) => name),
    definitions: columns.map((column) => definition(column, mayStand ? sink.table : null)),
    casts: Object.fromEntries(cast.map(({ name, type }) => [name, type])),
    keys,
    primaryKey: existing
      ? []
      : keys.length > 0
        ? keys
        : columns.filter(({ isKey }) => isKey).map(({ name }) => name),
  }
}

/** In words for the run: which of the ways keeps the guarantee. */
export function guaranteeOf({ mode, ledger, chunks }: TableSinkEngine): string {
  if (mode === 'transaction')
    return 'one transaction for the whole copy, because the login may not create the ledger table'
  const directly =
    chunks === 'plain'
      ? 'rows and ledger commit together'
      : 'rows are read again, then committed with the ledger'
  const commits = mode === 'direct' ? directly : 'staging table, published at once'
  return `${commits}; ledger ${ledger ? showTable(ledger) : ''}`
}

/** Null where an append needs a staging table: the login may make no temporary one. */
async function chooseChunks(
  session: PgSession,
  { existing, verification, columns }: SinkWish,
  { canCreateTemporary, hasPolicies }: Rights,
): Promise<TableSinkEngine['chunks'] | null> {
  const isCast = columns.some(({ stagedAs }) => stagedAs !== undefined)
  if (!existing || (verification !== 'content' && !isCast && !hasPolicies)) return 'plain'
  const names = columns.map(({ name }) => name)
  if (!isCast && (await canReadOwnRows(session, existing, names))) return 'readAgain'
  return canCreateTemporary ? 'temporary' : null
}

function chooseMode(
  { sink, existing }: SinkWish,
  { hasWorkSchema, chunks }: { hasWorkSchema: boolean; chunks: TableSinkEngine['chunks'] | null },
): TableSinkEngine['mode'] {
  if (!existing) return 'rename'
  if (!hasWorkSchema) return 'transaction'
  if (sink.writeBehavior === 'upsert') return 'upsert'
  if (sink.writeBehavior === 'overwrite') return 'refill'
  return chunks === null ? 'insert' : 'direct'
}

/** Since PostgreSQL 18 NOT NULL constraints have names, which would tell of the staging table for ever. */
function definition({ name, type, stagedAs, notNull }: SinkColumn, newTable: string | null): string {
  const plain = `${quoteName(name)} ${stagedAs ?? type}`
  if (!notNull || newTable === null) return plain
  const constraint = `${newTable}_${name}_not_null`
  const isShort = Buffer.byteLength(constraint) < 64
  return `${plain} ${isShort ? `CONSTRAINT ${quoteName(constraint)} ` : ''}NOT NULL`
}

type Rights = {
  canCreate: boolean
  canInsert: boolean
  canSelect: boolean
  canUpdate: boolean
  canEmpty: boolean
  canCreateTemporary: boolean
  hasTriggers: boolean
  /** Of row-level security, for this login: COPY does not write to such a table, INSERT does. */
  hasPolicies: boolean
  workSchema: string | null
}

async function readRights(session: PgSession, target: TableName): Promise<Rights> {
  const name = quoteTable(target)
  const { rows } = await session.query<Rights & { hasSchema: boolean }>(
    `WITH target AS (SELECT to_regclass($1) AS oid)
     SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $2) AS "hasSchema",
       coalesce((SELECT has_schema_privilege(oid, 'CREATE') FROM pg_namespace WHERE nspname = $2), false) AS "canCreate",
       coalesce(has_any_column_privilege(oid, 'INSERT'), true) AS "canInsert",
       coalesce(has_any_column_privilege(oid, 'SELECT'), true) AS "canSelect",
       coalesce(has_any_column_privilege(oid, 'UPDATE'), true) AS "canUpdate",
       coalesce(has_table_privilege(oid, 'DELETE') OR has_table_privilege(oid, 'TRUNCATE'), true) AS "canEmpty",
       has_database_privilege(current_database(), 'TEMPORARY') AS "canCreateTemporary",
       coalesce((SELECT relhastriggers OR relhasrules FROM pg_class c WHERE c.oid = target.oid), false) AS "hasTriggers",
       coalesce(row_security_active(oid), false) AS "hasPolicies",
       (SELECT nspname FROM pg_namespace n WHERE has_schema_privilege(n.oid, 'CREATE')
          AND nspname IN ($2, current_user, 'public')
          ORDER BY nspname = $2 DESC, nspname = current_user DESC LIMIT 1) AS "workSchema"
     FROM target`,
    [name, target.schema],
  )
  const [rights] = rows
  if (!rights?.hasSchema)
    throw new TaskFailure('not_found', `Schema ${target.schema} does not exist at the sink.`, {
      side: 'sink',
    })
  return rights
}

function requireRights(
  rights: Rights,
  { target, mode, wish }: { target: TableName; mode: TableSinkEngine['mode']; wish: SinkWish },
): void {
  const behavior = wish.sink.writeBehavior
  const readsTarget = behavior === 'upsert' || (mode === 'transaction' && wish.verification === 'content')
  const missing = [
    mode === 'rename' && !rights.canCreate && `CREATE on schema ${target.schema}`,
    !rights.canInsert && `INSERT on ${showTable(target)}`,
    readsTarget && !rights.canSelect && `SELECT on ${showTable(target)}`,
    behavior === 'upsert' && !rights.canUpdate && `UPDATE on ${showTable(target)}`,
    wish.existing &&
      behavior === 'overwrite' &&
      !rights.canEmpty &&
      `TRUNCATE or DELETE on ${showTable(target)}`,
    mode === 'transaction' &&
      rights.hasPolicies &&
      behavior !== 'upsert' &&
      `CREATE on a schema, without which row-level security keeps it from ${showTable(target)}`,
  ].filter((right) => typeof right === 'string')
  if (missing.length > 0)
    throw new TaskFailure('permission_denied', `The login of the sink lacks ${missing.join(', ')}.`, {
      side: 'sink',
    })
}

/** A ledger that another login of this schema owns is of no use: then this login has one of its own. */
async function ledgerName(session: PgSession, schema: string): Promise<TableName> {
  const shared = { schema, table: '_sallyport_ledger' }
  const { rows } = await session.query<{ usable: boolean; login: string }>(
    `SELECT current_user AS login, coalesce(has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')
       AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE'), true) AS usable
     FROM (SELECT to_regclass($1) AS oid) AS ledger`,
    [quoteTable(shared)],
  )
  return rows[0]?.usable === false
    ? { schema, table: `_sallyport_ledger_${rows[0].login}`.slice(0, 63) }
    : shared
}

/** A column that must have a value and gets none would fail at the first row; say so at once. A trigger may give it one. */
async function requireFilledColumns(
  session: PgSession,
  { oid }: Relation,
  columns: readonly SinkColumn[],
): Promise<void> {
  const { rows } = await session.query<{ name: string }>(
    `SELECT attname AS name FROM pg_attribute a JOIN pg_type t ON t.oid = atttypid
     WHERE attrelid = $1::int8::oid AND attnum > 0 AND NOT attisdropped AND (attnotnull OR typnotnull)
       AND NOT atthasdef AND attidentity = '' AND typdefault IS NULL AND attname <> ALL($2::text[])
       AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = attrelid AND tgtype & 7 = 7 AND tgenabled IN ('O', 'A'))
     ORDER BY attnum`,
    [oid, columns.map(({ name }) => name)],
  )
  if (rows.length === 0) return
  const names = rows.map(({ name }) => `“${name}”`).join(', ')
  throw new TaskFailure(
    'schema_mismatch',
    `The sink demands values for ${names}, but nothing is mapped to it. Map columns to them, or give them a default.`,
    { side: 'sink' },
  )
}
