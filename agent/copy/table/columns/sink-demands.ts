import { resolveDomain } from '../../../connectors/postgresql/pg-types.ts'
import type { PgSession } from '../../../connectors/postgresql/session.ts'
import { TaskFailure } from '../../failure.ts'
import type { TypedColumn } from './column-transport.ts'
import type { PairedColumn } from './sink-columns.ts'
import type { SinkColumn } from '../sink/sink-plan.ts'

/** `from` is null where the source has no types of its own: files. */
type Ends = { from: PgSession | null; to: PgSession }

/**
 * What types of the sink refuse although the column has the right type: labels that an enum lacks, and conditions of domains. A
 * row that breaks them is found when it arrives; whoever copies should hear of it before.
 */
export async function demandWarnings(ends: Ends, pairs: readonly PairedColumn[]): Promise<string[]> {
  return [...(await labelWarnings(ends, pairs)), ...(await domainWarnings(ends, pairs))]
}

/** Asks the sink's server whether it knows the casts, before anything is copied. */
export async function checkCasts(to: PgSession, columns: readonly SinkColumn[]): Promise<void> {
  for (const { name, type, stagedAs } of columns) {
    if (stagedAs === undefined) continue
    try {
      await to.query(`SELECT NULL::${stagedAs}::${type}`)
    } catch (error) {
      const message = `Column “${name}”: the sink cannot make ${type} of ${stagedAs}.`
      throw new TaskFailure('type_unsupported', message, { side: 'sink', cause: error })
    }
  }
}

async function labelWarnings({ from, to }: Ends, pairs: readonly PairedColumn[]): Promise<string[]> {
  const enums = pairs.flatMap((pair) => {
    const [source, sink] = [enumOf(pair.source), enumOf(pair.sink)]
    return source !== null && sink !== null ? [{ pair, source, sink }] : []
  })
  if (!from || enums.length === 0) return []
  const sourceLabels = await readLabels(
    from,
    enums.map(({ source }) => source),
  )
  const sinkLabels = await readLabels(
    to,
    enums.map(({ sink }) => sink),
  )
  return enums.flatMap(({ pair, source, sink }) => {
    const labels = sourceLabels.get(source) ?? []
    const known = new Set(sinkLabels.get(sink))
    const missing = labels.filter((label) => !known.has(label))
    if (missing.length === 0) return []
    const { name, type } = pair.sink
    if (missing.length < labels.length)
      return `Column “${name}”: type ${type} of the sink has no label ${sayLabels(missing)}; a row that holds one of them stops the copy.`
    throw new TaskFailure(
      'type_unsupported',
      `Column “${name}”: type ${type} of the sink has none of the labels of the source (${sayLabels(missing)}). Add them there, map the column to text, or leave it out.`,
      { side: 'sink' },
    )
  })
}

/** Of an enum, a domain over one, or an array of either. */
function enumOf(column: TypedColumn): number | null {
  const { oid } = resolveDomain(column.types, column)
  const element = column.types.get(oid)?.elementOid || oid
  const type = resolveDomain(column.types, { typeOid: element, typmod: -1, type: '' }).oid
  return column.types.get(type)?.kind === 'e' ? type : null
}

async function readLabels(session: PgSession, oids: readonly number[]): Promise<Map<number, string[]>> {
  const { rows } = await session.query<{ oid: number; labels: string[] }>(
    `SELECT enumtypid::int8::float8 AS oid, array_agg(enumlabel::text ORDER BY enumsortorder) AS labels
     FROM pg_enum WHERE enumtypid = ANY($1::oid[]) GROUP BY enumtypid`,
    [oids],
  )
  return new Map(rows.map(({ oid, labels }) => [oid, labels]))
}

/** As many as a sentence carries. */
const namedLabels = 10

function sayLabels(labels: readonly string[]): string {
  const named = labels.slice(0, namedLabels).map((label) => `“${label}”`)
  const rest = labels.length - named.length
  return `${named.join(', ')}${rest > 0 ? ` and ${rest.toLocaleString('en-US')} more` : ''}`
}

async function domainWarnings({ from, to }: Ends, pairs: readonly PairedColumn[]): Promise<string[]> {
  const atSink = await readDemands(
    to,
    pairs.map(({ sink }) => sink.type),
  )
  if (atSink.every(({ demands }) => demands.length === 0)) return []
  const atSource = from
    ? await readDemands(
        from,
        pairs.map(({ source }) => source.type),
      )
    : []
  return pairs.flatMap(({ source, sink }, index) => {
    const kept = new Set([...(atSource[index]?.demands ?? []), ...(source.notNull ? ['NOT NULL'] : [])])
    const { domain = '', demands = [] } = atSink[index] ?? {}
    const more = demands.filter((demand) => !kept.has(demand))
    return more.length === 0
      ? []
      : `Column “${sink.name}”: domain ${domain} of the sink demands ${more.join(', ')}; a row that breaks it stops the copy.`
  })
}

/** In the order of the given types; a domain's own conditions before those of the domains below it. */
async function readDemands(
  session: PgSession,
  types: readonly string[],
): Promise<{ domain: string; demands: string[] }[]> {
  // By text, because the description of a result names the type below a domain.
  const { rows } = await session.query<{ domain: string; demands: string[] }>(
    `WITH RECURSIVE asked AS (SELECT n, to_regtype(type)::oid AS oid FROM unnest($1::text[]) WITH ORDINALITY AS t(type, n)),
     chain AS (
       SELECT n, 0 AS depth, oid FROM asked
       UNION ALL
       SELECT n, depth + 1, CASE WHEN typtype = 'd' THEN typbasetype ELSE typelem END
       FROM chain JOIN pg_type USING (oid) WHERE typtype = 'd' OR (typcategory = 'A' AND typelem <> 0)),
     demanded AS (
       SELECT n, depth, '' AS name, oid, 'NOT NULL' AS demand FROM chain JOIN pg_type USING (oid) WHERE typtype = 'd' AND typnotnull
       UNION ALL
       SELECT n, depth, conname, chain.oid, pg_get_constraintdef(c.oid)
       FROM chain JOIN pg_constraint c ON contypid = chain.oid AND contype = 'c')
     SELECT coalesce((array_agg(format_type(demanded.oid, NULL) ORDER BY depth))[1], '') AS domain,
       coalesce(array_agg(demand ORDER BY depth, name) FILTER (WHERE demand IS NOT NULL), '{}') AS demands
     FROM asked LEFT JOIN demanded USING (n) GROUP BY n ORDER BY n`,
    [types],
  )
  return rows
}
