import type { PgTypes } from '../../../connectors/postgresql/pg-types.ts'
import { quoteName, requireNameFits } from '../../../connectors/postgresql/quote.ts'
import { describeSelect } from '../../../connectors/postgresql/relations.ts'
import type { PgSession } from '../../../connectors/postgresql/session.ts'
import { TaskFailure } from '../../failure.ts'
import type { TypedColumn } from './column-transport.ts'

/** A type as a mapping may write it: a name with optional schema, modifier, time zone and brackets, and nothing else. */
const typeText =
  /^(?:"[^"]+"|[a-z_][\w$ ]*)(?:\.(?:"[^"]+"|[a-z_][\w$ ]*))?(?:\s*\(\s*[\w, ]+\s*\))?(?: with(?:out)? time zone)?(?:\s*\[\d*\])*$/i

export function requireTypeText(type: string): string {
  if (typeText.test(type.trim())) return type.trim()
  throw new TaskFailure('type_unsupported', `“${type.slice(0, 100)}” is not a type of PostgreSQL.`, {
    side: 'sink',
  })
}

/** What the sink makes of type texts: their identity and modifier, asked of the server itself. */
export async function describeNewColumns(
  session: PgSession,
  wanted: readonly { name: string; type: string }[],
): Promise<TypedColumn[]> {
  for (const { name } of wanted) requireNameFits(name)
  const list = wanted.map(({ name, type }) => `NULL::${type} AS ${quoteName(name)}`).join(', ')
  const { columns, types } = await describeSelect(session, `SELECT ${list}`)
  return columns.map(({ name, typeOid, typmod }, index) => ({
    name,
    typeOid,
    typmod,
    type: wanted[index]?.type ?? 'text',
    types,
  }))
}

/** Which of the source's own types (enums, extensions) exist at the sink under the same name. */
export async function knownTypes(
  session: PgSession,
  types: PgTypes,
): Promise<(schema: string, name: string) => boolean> {
  const names = [...types.values()].map(({ schema, name }) => `${schema}.${name}`)
  const { rows } = await session.query<{ name: string }>(
    `SELECT n.nspname || '.' || t.typname AS name FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
     WHERE n.nspname || '.' || t.typname = ANY($1)`,
    [names],
  )
  const found = new Set(rows.map(({ name }) => name))
  return (schema, name) => found.has(`${schema}.${name}`)
}
