import type { ColumnMapping } from '../../../../lib/protocol/copy-plan.ts'
import type { Relation } from '../../../connectors/postgresql/relations.ts'
import type { PgSession } from '../../../connectors/postgresql/session.ts'
import { type NamedPair, pairNames } from './column-pairs.ts'
import { type TypedColumn, typeForNewColumn } from './column-transport.ts'
import { describeNewColumns, knownTypes, requireTypeText } from './new-columns.ts'

export type SourceColumn = TypedColumn & { notNull: boolean; isKey: boolean }
export type PairedColumn = { source: SourceColumn; sink: SourceColumn }

/** Pairs every source column with its sink column, which either exists or gets the type that the mapping or the source says. */
export async function pairColumns(
  session: PgSession,
  source: readonly SourceColumn[],
  { existing, mapping }: { existing: Relation | null; mapping: readonly ColumnMapping[] | undefined },
): Promise<{ pairs: PairedColumn[]; warnings: string[] }> {
  const warnings: string[] = []
  const generated = new Set(
    existing?.columns.filter(({ isGenerated }) => isGenerated).map(({ name }) => name),
  )
  const names = source.map(({ name }) => name).filter((name) => mapping !== undefined || !generated.has(name))
  if (!mapping && names.length < source.length)
    warnings.push('Columns that the sink generates itself are left out of the copy.')
  const sinkNames = existing?.columns.map(({ name }) => name).filter((name) => !generated.has(name)) ?? null
  const named = pairNames(names, sinkNames, mapping)
  const sinkColumns = existing ? existingColumns(existing, named) : await newColumns(session, source, named)
  const pairs = named.map((pair, index) => {
    const from = source.find(({ name }) => name === pair.source)
    const sink = sinkColumns[index]
    if (!from || !sink) throw new RangeError('a pair without its columns')
    if (!existing && sink.type === 'text' && from.type !== 'text' && pair.sinkType === undefined)
      warnings.push(`Column “${pair.sink}” becomes text: the sink has no type ${from.type}.`)
    return { source: from, sink }
  })
  return { pairs, warnings }
}

function existingColumns(existing: Relation, named: readonly NamedPair[]): SourceColumn[] {
  return named.map((pair) => {
    const column = existing.columns.find(({ name }) => name === pair.sink)
    if (!column) throw new RangeError('a pair without its columns')
    return { ...column, types: existing.types }
  })
}

async function newColumns(
  session: PgSession,
  source: readonly SourceColumn[],
  named: readonly NamedPair[],
): Promise<SourceColumn[]> {
  const [first] = source
  const knows = first ? await knownTypes(session, first.types) : () => false
  // Part of a key is no key.
  const hasWholeKey = source.every(
    (column) => !column.isKey || named.some((pair) => pair.source === column.name),
  )
  const wanted = named.map(({ source: name, sink, sinkType }) => {
    const from = source.find((column) => column.name === name)
    if (!from) throw new RangeError('a pair without its columns')
    const type = sinkType === undefined ? typeForNewColumn(from, knows) : requireTypeText(sinkType)
    return { name: sink, type, notNull: from.notNull, isKey: from.isKey && hasWholeKey }
  })
  const described = await describeNewColumns(session, wanted)
  return described.map((column, index) => ({
    ...column,
    notNull: wanted[index]?.notNull ?? false,
    isKey: wanted[index]?.isKey ?? false,
  }))
}
