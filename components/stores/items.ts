import type { BrowseResult, ItemRef } from '@/lib/protocol/interactive'
import type { FileFormat } from '@/lib/protocol/copy-plan'
import type { StoreType } from '@/lib/protocol/stores'
import type { z } from 'zod'

export type BrowsedItem = BrowseResult['items'][number]
export type Item = z.infer<typeof ItemRef>
/** As pages hand it to whatever looks into a store. */
export type ViewedStore = { id: string; name: string; type: StoreType; version: string }

/** Opens into more; everything else can be looked at. */
export function isPlace({ kind }: BrowsedItem): boolean {
  return kind === 'schema' || kind === 'container' || kind === 'folder'
}

/** What a store calls the things at a place. */
export function thingsAt(type: StoreType, path: readonly string[]): string {
  if (type === 'PostgreSql') return path.length === 0 ? 'schemas' : 'tables'
  return type === 'AzureBlobStorage' && path.length === 0 ? 'containers' : 'files'
}

/** Told from the name: what else is inside can only be copied as it is. */
export function formatOfName(name: string): FileFormat {
  const plain = name.toLowerCase().replace(/\.(gz|zst)$/, '')
  if (plain.endsWith('.parquet')) return 'parquet'
  if (/\.(csv|tsv)$/.test(plain)) return 'csv'
  return /\.(jsonl|ndjson|json)$/.test(plain) ? 'jsonl' : 'binary'
}

/** The item to describe or preview; null where there is nothing to read rows from. */
export function itemRef(type: StoreType, path: readonly string[], item: BrowsedItem): Item | null {
  if (type === 'PostgreSql') return { kind: 'table', schema: path[0] ?? '', table: item.name }
  const format = formatOfName(item.name)
  if (format === 'binary') return null
  const [container, ...folders] = type === 'AzureBlobStorage' ? path : [undefined, ...path]
  return {
    kind: 'file',
    ...(container === undefined ? {} : { container }),
    path: [...folders, item.name].join('/'),
    format,
  }
}
