import { showTable } from '../../../connectors/postgresql/quote.ts'
import type { Relation } from '../../../connectors/postgresql/relations.ts'
import type { PgSession } from '../../../connectors/postgresql/session.ts'
import { TaskFailure } from '../../failure.ts'
import type { SinkWish } from './sink-plan.ts'

/** The columns by which an upsert finds its rows; a table that exists must have a unique index on exactly these. */
export async function upsertKeys(
  session: PgSession,
  { sink, existing, columns }: Pick<SinkWish, 'sink' | 'existing' | 'columns'>,
): Promise<string[]> {
  if (sink.writeBehavior !== 'upsert') return []
  const primary = existing?.columns.filter(({ isKey }) => isKey).map(({ name }) => name) ?? []
  const keys = sink.keys.length > 0 ? sink.keys : primary
  const unmapped = keys.filter((key) => !columns.some(({ name }) => name === key))
  if (keys.length === 0 || unmapped.length > 0)
    throw new TaskFailure(
      'schema_mismatch',
      keys.length === 0
        ? `Choose the key columns for the upsert: ${showTable(sink)} has no primary key.`
        : `Upsert key ${unmapped.join(', ')} is not among the mapped columns.`,
      { side: 'sink' },
    )
  if (!existing) return keys
  await requireChangeable(
    session,
    existing,
    columns.flatMap(({ name }) => (keys.includes(name) ? [] : [name])),
  )
  const { rows } = await session.query(
    `SELECT FROM pg_index i WHERE indrelid = $1::int8::oid AND indisunique AND indimmediate AND indisvalid AND NOT indisexclusion
     AND indpred IS NULL AND indexprs IS NULL AND (SELECT array_agg(attname::text ORDER BY attname::text COLLATE "C") FROM pg_attribute
       WHERE attrelid = indrelid AND attnum = ANY((indkey::int2[])[0:indnkeyatts - 1])) = $2::text[]`,
    [existing.oid, keys.toSorted(byBytes)],
  )
  if (rows.length > 0) return keys
  throw new TaskFailure(
    'schema_mismatch',
    `Upsert needs a primary key or unique index on exactly (${keys.join(', ')}) of ${showTable(sink)}, neither deferrable nor WITHOUT OVERLAPS.`,
    { side: 'sink' },
  )
}

/** The server gives such values to new rows, and lets nobody change them in those that are there. */
async function requireChangeable(
  session: PgSession,
  { oid, name }: Relation,
  columns: readonly string[],
): Promise<void> {
  const { rows } = await session.query<{ column: string }>(
    `SELECT attname AS column FROM pg_attribute WHERE attrelid = $1::int8::oid AND attidentity = 'a' AND attname = ANY($2::text[])`,
    [oid, columns],
  )
  const [fixed] = rows
  if (!fixed) return
  throw new TaskFailure(
    'schema_mismatch',
    `Column “${fixed.column}” of ${showTable(name)} is GENERATED ALWAYS AS IDENTITY: an upsert by other keys cannot change it. Leave it out of the mapping.`,
    { side: 'sink' },
  )
}

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** NULL equals nothing, unless the index says otherwise: such rows are added again by every run. */
export async function nullKeyWarnings(
  session: PgSession,
  { existing, keys }: { existing: Relation | null; keys: readonly string[] },
): Promise<string[]> {
  const nullable = existing?.columns.filter(({ name, notNull }) => !notNull && keys.includes(name)) ?? []
  if (!existing || nullable.length === 0) return []
  const { rows } = await session.query(
    `SELECT FROM pg_index i WHERE indrelid = $1::int8::oid AND indisunique AND to_jsonb(i) ->> 'indnullsnotdistinct' = 'true'`,
    [existing.oid],
  )
  if (rows.length > 0) return []
  const names = nullable.map(({ name }) => `“${name}”`).join(', ')
  return [`Rows with NULL in the key (${names}) are added by every run: an upsert finds no row by NULL.`]
}
