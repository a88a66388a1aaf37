import type { PlannedCopy } from '@/lib/copy-wizard/copies'
import type { CopyDraft } from '@/lib/copy-wizard/draft'
import type { MappingLine } from '@/lib/copy-wizard/mapping'
import type { ItemRef } from '@/lib/protocol/interactive'
import { parsePgType } from '@/lib/protocol/pg-type'

/**
 * The rows as they will arrive, asked of the source's own server: its casts are the ones that the copy uses. Null where the
 * source is a file: its rows are only renamed.
 */
export function afterPreviewItem(
  draft: CopyDraft,
  copy: PlannedCopy,
  lines: readonly MappingLine[],
): ItemRef | null {
  const from = fromClause(draft, copy)
  const kept = lines.filter(({ include }) => include)
  if (!from || kept.length === 0) return null
  const columns = kept.map((line) => `${quoteName(line.source)}${castOf(line)} as ${quoteName(line.sink)}`)
  return { kind: 'query', query: `select ${columns.join(', ')} from ${from}` }
}

/** Rows of a file with the mapping's columns, in its order and under its names. */
export function renameRows(
  columns: readonly { name: string }[],
  rows: readonly (readonly (string | null)[])[],
  lines: readonly MappingLine[],
): { columns: { name: string; type: string }[]; rows: (string | null)[][] } {
  const kept = lines
    .filter(({ include }) => include)
    .map((line) => ({ line, at: columns.findIndex(({ name }) => name === line.source) }))
  return {
    columns: kept.map(({ line }) => ({ name: line.sink, type: line.effectiveType })),
    rows: rows.map((row) => kept.map(({ at }) => row[at] ?? null)),
  }
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function fromClause(draft: CopyDraft, { source }: PlannedCopy): string | null {
  if (source.kind === 'table') return `${quoteName(source.table.schema)}.${quoteName(source.table.table)}`
  return source.kind === 'query' ? `(${withoutEnd(draft.source.query)}\n) as source` : null
}

function withoutEnd(query: string): string {
  return query.trim().replace(/;\s*$/, '')
}

/** The text goes into SQL, so only what looks like a type is cast; the length of text is checked by the sink, not cut here. */
function castOf({ sourceType, effectiveType }: MappingLine): string {
  if (!effectiveType || effectiveType === sourceType) return ''
  if (!/^[a-z_][a-z0-9_ ]*(\(\d+(,\s*-?\d+)?\))?[a-z ]*(\[\])?$/i.test(effectiveType)) return ''
  const { base, isArray } = parsePgType(effectiveType)
  if (base === 'character varying' || base === 'character') return `::text${isArray ? '[]' : ''}`
  return `::${effectiveType}`
}
