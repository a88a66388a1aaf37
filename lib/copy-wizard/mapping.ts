import { postgresTypeOf } from '@/lib/copy-wizard/column-types'
import type { CopyDraft, MappingRow } from '@/lib/copy-wizard/draft'
import { castMark, type ConversionMark, formatMark } from '@/lib/protocol/conversions'
import type { ColumnMapping, FileFormat, StoreColumn } from '@/lib/protocol/copy-plan'
import { fitsIdentifier, maxIdentifierBytes, parsePgType } from '@/lib/protocol/pg-type'

/** Where rows go: an existing table with its columns, a table that will be made, or files. */
export type MappingSink =
  | { kind: 'existing'; columns: readonly StoreColumn[] }
  | { kind: 'new' }
  | { kind: 'files'; format: FileFormat }

/** A row of the mapping with what is known about both sides. */
export type MappingLine = MappingRow & {
  sourceType: string
  isKey: boolean
  /** The type that the column will have at the sink; empty where only the node knows. */
  effectiveType: string
  mark: ConversionMark | null
  problem: string | null
}

/** Mappings of the copies whose columns were read, by the key of the copy. */
export type MappingFacts = Readonly<Record<string, readonly MappingLine[]>>

/** The mapping as it stands: read from the stores where that was done, else what was edited before. */
export function mappingRows(draft: CopyDraft, facts: MappingFacts, key: string): readonly MappingRow[] {
  return facts[key] ?? draft.mappings[key] ?? []
}

/** By name, without regard to case: what an existing table does not have is left out, and the line says so. */
export function autoMapping(source: readonly StoreColumn[], sink: MappingSink): MappingRow[] {
  return source.map(({ name }) => {
    const match = sink.kind === 'existing' ? findColumn(sink.columns, name)?.name : name
    return { source: name, include: match !== undefined, sink: match ?? '', sinkType: '' }
  })
}

/** Edited rows as far as they still fit the source: new columns join by name, vanished ones go. */
export function reconcileMapping(
  edited: readonly MappingRow[] | undefined,
  source: readonly StoreColumn[],
  sink: MappingSink,
): MappingRow[] {
  const auto = autoMapping(source, sink)
  if (!edited) return auto
  return auto.map((row) => edited.find(({ source: name }) => name === row.source) ?? row)
}

export function mappingLines(
  rows: readonly MappingRow[],
  source: readonly StoreColumn[],
  sink: MappingSink,
): MappingLine[] {
  const taken = new Map<string, number>()
  for (const { include, sink: name } of rows)
    if (include) taken.set(name.trim(), (taken.get(name.trim()) ?? 0) + 1)
  const twice = new Set(
    source.filter(({ name }, at) => isEarlier(source, { name, at })).map(({ name }) => name),
  )
  return rows.map((row) => {
    const column = source.find(({ name }) => name === row.source)
    const sourceType = column?.type ?? ''
    const effectiveType = effectiveTypeOf(row, sourceType, sink)
    return {
      ...row,
      sourceType,
      isKey: column?.isKey ?? false,
      effectiveType,
      mark: markOf(row, { sourceType, effectiveType }, sink),
      problem: problemAtSource(row, twice) ?? problemOf(row, sink, taken.get(row.sink.trim()) ?? 0),
    }
  })
}

/** What the copy activity needs to be told: nothing where every column goes by its name with its natural type. */
export function toColumnMapping(rows: readonly MappingRow[]): ColumnMapping[] | null {
  const plain = rows.every(
    ({ include, source, sink, sinkType }) => include && source === sink && !sinkType.trim(),
  )
  if (plain) return null
  return rows
    .filter(({ include }) => include)
    .map(({ source, sink, sinkType }) => ({
      source,
      sink: sink.trim(),
      ...(sinkType.trim() ? { sinkType: sinkType.trim() } : {}),
    }))
}

/** The key columns that an upsert proposes: the primary key, under the names that it has at the sink. */
export function proposedKeys(lines: readonly MappingLine[], sink: MappingSink): string[] {
  if (sink.kind === 'existing') {
    const keys = sink.columns.filter(({ isKey }) => isKey).map(({ name }) => name)
    if (keys.length > 0) return keys
  }
  return lines.filter(({ isKey, include }) => isKey && include).map(({ sink: name }) => name)
}

/** The draft with those keys where nobody chose others. */
export function withProposedKeys(
  draft: CopyDraft,
  proposed: Readonly<Record<string, readonly string[]>>,
): CopyDraft {
  const keys = Object.entries(proposed).filter(([, columns]) => columns.length > 0)
  return {
    ...draft,
    keys: { ...Object.fromEntries(keys.map(([key, columns]) => [key, [...columns]])), ...draft.keys },
  }
}

function effectiveTypeOf(row: MappingRow, sourceType: string, sink: MappingSink): string {
  if (sink.kind === 'existing') return findColumn(sink.columns, row.sink)?.type ?? ''
  if (row.sinkType.trim()) return row.sinkType.trim()
  if (sink.kind === 'files') return sourceType
  return naturalType(sourceType)
}

/** A column of a file gets the table type that holds it; a column of a table keeps its own. */
function naturalType(sourceType: string): string {
  return postgresTypeOf(sourceType) ?? sourceType
}

function markOf(
  row: MappingRow,
  { sourceType, effectiveType }: { sourceType: string; effectiveType: string },
  sink: MappingSink,
): ConversionMark | null {
  if (!row.include) return { level: 'loses', text: leftOut(row, sink) }
  if (!effectiveType || !sourceType) return null
  const from = naturalType(sourceType)
  const cast = parsePgType(from).base === '' ? null : castMark(from, effectiveType)
  if (cast) return cast
  return sink.kind === 'files' ? formatMark(effectiveType, sink.format) : null
}

function leftOut({ source }: MappingRow, sink: MappingSink): string {
  return sink.kind === 'existing' && !findColumn(sink.columns, source)
    ? 'left out: the table has no such column'
    : 'left out'
}

function isEarlier(source: readonly StoreColumn[], { name, at }: { name: string; at: number }): boolean {
  return source.findIndex((column) => column.name === name) < at
}

/** What only the source can mend: a mapping knows columns by their names. */
function problemAtSource({ include, source }: MappingRow, twice: ReadonlySet<string>): string | null {
  if (twice.has(source)) return 'The source has two columns of this name. Rename one of them there'
  return include && source === '' ? 'It has no name at the source. Name it there, or leave it out' : null
}

function problemOf({ include, sink: name }: MappingRow, sink: MappingSink, sameName: number): string | null {
  if (!include) return null
  if (!name.trim()) return 'Enter a name, or leave the column out'
  if (sameName > 1) return `Two columns go to "${name.trim()}"`
  if (sink.kind === 'new' && !fitsIdentifier(name.trim()))
    return `PostgreSQL keeps ${maxIdentifierBytes} bytes of a name. Enter a shorter one`
  if (sink.kind === 'existing' && !findColumn(sink.columns, name))
    return `The table has no column "${name.trim()}"`
  return null
}

function findColumn(columns: readonly StoreColumn[], name: string): StoreColumn | undefined {
  const wanted = name.trim()
  return (
    columns.find((column) => column.name === wanted) ??
    columns.find((column) => column.name.toLowerCase() === wanted.toLowerCase())
  )
}
