import { quoteName, quoteTable, showTable } from '../../../connectors/postgresql/quote.ts'
import type { PgSession } from '../../../connectors/postgresql/session.ts'
import { TaskFailure } from '../../failure.ts'
import type { TableSinkEngine } from './sink-plan.ts'

/**
 * Lets the staging table take the place of the target, where nobody can tell the one from the other: the same owner,
 * privileges, settings and columns, and nothing that hangs on the table itself. In the transaction that publishes; false
 * where the rows have to be moved instead. Sessions that read the target wait for an instant, not for the rows.
 */
export async function swapTarget(session: PgSession, engine: TableSinkEngine): Promise<boolean> {
  if (!(await areAlike(session, engine))) return false
  const [target, staging] = [quoteTable(engine.target), quoteTable(engine.writeTo)]
  await session.query(`LOCK TABLE ${target} IN ACCESS EXCLUSIVE MODE`)
  // Once more: now nobody can hang anything on it.
  if (!(await areAlike(session, engine))) return false
  const key = await primaryKey(session, target)
  await session.query(`DROP TABLE ${target}`)
  await session.query(`ALTER TABLE ${staging} RENAME TO ${quoteName(engine.target.table)}`)
  if (key)
    await session.query(`ALTER TABLE ${target} ADD CONSTRAINT ${quoteName(key.name)} ${key.definition}`)
  return true
}

/** Statistics for the planner from the first query on; the target's own go with it. */
export async function analyzeStaging(session: PgSession, engine: TableSinkEngine): Promise<void> {
  await session.query(`ANALYZE ${quoteTable(engine.writeTo)}`)
}

/** Whether the staging table could stand for the target as both are now. */
export async function areAlike(session: PgSession, { target, writeTo }: TableSinkEngine): Promise<boolean> {
  const { rows } = await session.query<{ alike: boolean | null }>(alikeSql, [
    quoteTable(target),
    quoteTable(writeTo),
  ])
  const [found] = rows
  if (!found) throw new TaskFailure('not_found', `Table ${showTable(target)} is gone.`, { side: 'sink' })
  return found.alike === true
}

type PrimaryKey = { name: string; definition: string }

async function primaryKey(session: PgSession, target: string): Promise<PrimaryKey | undefined> {
  const { rows } = await session.query<PrimaryKey>(
    `SELECT conname AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint
     WHERE conrelid = to_regclass($1) AND contype = 'p'`,
    [target],
  )
  return rows[0]
}

/**
 * Rows of the catalogue are compared whole, without what only says where and how large a table is: so that what a later
 * version of PostgreSQL adds to them counts too. Changes of the target that somebody replicates have to stay changes of
 * rows, because a swap tells a subscriber nothing.
 */
const alikeSql = `
  WITH pair AS (
    SELECT c.oid, c.relname, c.relnamespace AS namespace, c.reltype, c.reltoastrelid,
      to_jsonb(c) - '{oid,relname,reltype,relfilenode,relpages,reltuples,relallvisible,relallfrozen,reltoastrelid,
        relfrozenxid,relminmxid,relhasindex,relnatts}'::text[] AS itself,
      (SELECT jsonb_agg(to_jsonb(a) - '{attrelid,attnum,attcacheoff,atthasmissing,attmissingval}'::text[] ORDER BY attnum)
        FROM pg_attribute a WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS columns,
      (SELECT jsonb_agg(jsonb_build_array(attname, conname, convalidated, connoinherit) ORDER BY attname)
        FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
        WHERE conrelid = c.oid AND contype = 'n') AS "notNull"
    FROM pg_class c WHERE c.oid IN (to_regclass($1), to_regclass($2))),
  target AS (SELECT * FROM pair WHERE oid = to_regclass($1)),
  staging AS (SELECT * FROM pair WHERE oid = to_regclass($2)),
  own AS (
    SELECT oid, conindid FROM pg_constraint
    WHERE conrelid = (SELECT oid FROM target) AND contype IN ('n', 'p'))
  SELECT t.itself = s.itself AND t.columns = s.columns AND t."notNull" IS NOT DISTINCT FROM s."notNull"
    AND t.itself ->> 'relkind' = 'r'
    AND NOT EXISTS (
      SELECT FROM pg_depend
      WHERE refclassid = 'pg_class'::regclass AND refobjid = t.oid AND NOT (deptype = 'i' AND objid IN (t.reltype, t.reltoastrelid))
        AND NOT (classid = 'pg_constraint'::regclass AND objid IN (SELECT oid FROM own)))
    AND NOT EXISTS (
      SELECT FROM pg_type y JOIN pg_depend ON refclassid = 'pg_type'::regclass AND refobjid IN (y.oid, y.typarray)
      WHERE y.oid = t.reltype AND NOT (deptype = 'i' AND objid = y.typarray))
    AND NOT EXISTS (
      SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = t.oid AND deptype IN ('e', 'x'))
    AND NOT EXISTS (
      SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
      WHERE i.indrelid = t.oid AND (i.indisclustered OR i.indisreplident OR c.reloptions IS NOT NULL OR c.reltablespace <> 0
        OR i.indexrelid NOT IN (SELECT conindid FROM own)))
    AND NOT EXISTS (
      SELECT FROM pg_description
      WHERE objoid = t.oid OR objoid IN (SELECT oid FROM own) OR objoid IN (SELECT conindid FROM own WHERE conindid <> 0))
    AND NOT EXISTS (SELECT FROM pg_seclabel WHERE objoid = t.oid)
    AND NOT EXISTS (SELECT FROM pg_subscription_rel WHERE srrelid = t.oid)
    AND NOT EXISTS (
      SELECT FROM pg_publication_tables
      WHERE tablename = t.relname AND schemaname = (SELECT nspname FROM pg_namespace WHERE oid = t.namespace))
    AND NOT EXISTS (
      SELECT FROM pg_replication_slots
      WHERE slot_type = 'logical' AND plugin <> 'pgoutput' AND database = current_database()) AS alike
  FROM target t LEFT JOIN staging s ON true`
