import { type CopyDraft, findStore, type StoreTable, type WizardStore } from '@/lib/copy-wizard/draft'
import type { ItemRef } from '@/lib/protocol/interactive'

/** One copy of the draft: each becomes an activity. `key` names its mapping and keys in the draft. */
export type PlannedCopy = {
  key: string
  /** For people: `public.orders`, `the query`, `in/*.csv`. */
  label: string
  source: { kind: 'table'; table: StoreTable } | { kind: 'query' } | { kind: 'files' }
  sink: { kind: 'table'; schema: string; table: string } | { kind: 'files'; folder: string }
}
export type DraftStores = { source: WizardStore | undefined; sink: WizardStore | undefined }

export function storesOf(draft: CopyDraft, stores: readonly WizardStore[]): DraftStores {
  return {
    source: findStore(stores, draft.source.linkedService),
    sink: findStore(stores, draft.sink.linkedService),
  }
}

/** What the draft copies: one per table, or the one query, folder or file. */
export function plannedCopies(draft: CopyDraft, { sink }: Pick<DraftStores, 'sink'>): PlannedCopy[] {
  const { source } = draft
  const files = sink !== undefined && sink.type !== 'PostgreSql'
  const target = (table: StoreTable | null): PlannedCopy['sink'] =>
    files
      ? { kind: 'files', folder: fillPattern(draft.sink.folder, table) }
      : { kind: 'table', schema: draft.sink.schema.trim(), table: fillPattern(draft.sink.table, table) }
  if (source.kind === 'tables')
    return source.tables.map((table) => ({
      key: tableKey(table),
      label: `${table.schema}.${table.table}`,
      source: { kind: 'table', table },
      sink: target(table),
    }))
  if (source.kind === 'query')
    return [{ key: 'query', label: 'the query', source: { kind: 'query' }, sink: target(null) }]
  return [{ key: 'files', label: filesLabel(source), source: { kind: 'files' }, sink: target(null) }]
}

/** The rows of the mapping matter only where a table's or a file's columns are copied. */
export function isBinaryCopy({ source }: CopyDraft): boolean {
  return source.kind === 'files' && source.format === 'binary'
}

export function tableKey({ schema, table }: StoreTable): string {
  return JSON.stringify([schema, table])
}

const standIns = /\{(?:table|schema)\}/g

/** `{table}` and `{schema}` stand for the copied table; elsewhere they stay, and the checks object. */
export function fillPattern(pattern: string, table: StoreTable | null): string {
  const trimmed = pattern.trim()
  if (!table) return trimmed
  // In one pass and by a function: names may hold `$$`, or `{schema}` themselves.
  return trimmed.replaceAll(standIns, (standIn) => (standIn === '{table}' ? table.table : table.schema))
}

/** Whether a pattern has braces that no table fills; those of a table's own name are none of them. */
export function isUnfilled(pattern: string, { source }: Pick<CopyDraft, 'source'>): boolean {
  return /[{}]/.test(source.kind === 'tables' ? pattern.replaceAll(standIns, '') : pattern)
}

export function filesLabel(source: CopyDraft['source']): string {
  const folder = [source.container, trimSlashes(source.folder)].filter(Boolean).join('/')
  return `${folder}${folder ? '/' : ''}${source.fileName || '*'}`
}

export function isWildcard(fileName: string): boolean {
  return /[*?]/.test(fileName)
}

export function trimSlashes(folder: string): string {
  return folder.trim().replaceAll(/^\/+|\/+$/g, '')
}

/** What to ask a node about for the columns of a copy's source; a folder is known by one of its files. */
export function sourceItem(draft: CopyDraft, copy: PlannedCopy, samplePath: string | null): ItemRef | null {
  const { source } = draft
  if (copy.source.kind === 'table') return { kind: 'table', ...copy.source.table }
  if (copy.source.kind === 'query') return { kind: 'query', query: source.query }
  if (samplePath === null || source.format === 'binary') return null
  return {
    kind: 'file',
    ...(source.container ? { container: source.container } : {}),
    path: samplePath,
    format: source.format,
    ...(source.format === 'csv' ? { csv: source.csv } : {}),
  }
}
