import type { BrowseResult, DescribeResult, ItemRef, PreviewRows } from '../../../lib/protocol/interactive.ts'
import { TaskFailure } from '../../copy/failure.ts'
import { previewParquet } from '../../formats/parquet/preview-parquet.ts'
import { ParquetDecoder } from '../../formats/parquet/read/parquet-decoder.ts'
import { previewCsv, previewJsonLines } from '../../formats/text/preview-text.ts'
import type { FileReader, FileStore } from '../connector.ts'
import { cleanPath, folderOf, nameOf } from '../file-names.ts'

/** More entries than a person reads; the filter finds the rest. */
export const browseLimit = 1000
/** A preview is to look at: longer values are cut. */
const previewLength = 2000

export type FileItem = Extract<ItemRef, { kind: 'file' }>

export function fileItem(item: ItemRef): FileItem {
  if (item.kind !== 'file') throw new TaskFailure('not_found', 'A store of files holds files, not tables.')
  return item
}

/** Both close the store, which was opened for this one look. */
export async function describeFile(store: FileStore, item: FileItem): Promise<DescribeResult> {
  return withReader(store, item, async (reader) => {
    if (item.format !== 'parquet') return { columns: (await previewFile(reader, item, 1)).columns }
    const decoder = await ParquetDecoder.open(reader)
    const columns = decoder.columns.map(({ name, type, nullable }) => ({ name, type, nullable }))
    return { columns, estimatedRows: String(decoder.rowCount) }
  })
}

export async function previewOf(store: FileStore, item: FileItem, limit: number): Promise<PreviewRows> {
  return withReader(store, item, async (reader) => {
    const { columns, rows } = await previewFile(reader, item, limit)
    return { columns, rows: rows.map((row) => row.map(cut)) }
  })
}

/** Keeps what the filter names and cuts a long list, folders first. */
export function browseResult(items: BrowseResult['items'], filter = ''): BrowseResult {
  const wanted = items.filter(({ name }) => name.toLowerCase().includes(filter.toLowerCase()))
  const sorted = wanted.toSorted(
    (left, right) => rank(left) - rank(right) || (left.name < right.name ? -1 : 1),
  )
  return { items: sorted.slice(0, browseLimit), truncated: sorted.length > browseLimit }
}

function rank({ kind }: BrowseResult['items'][number]): number {
  return kind === 'file' ? 1 : 0
}

function previewFile(reader: FileReader, { format, csv }: FileItem, limit: number): Promise<PreviewRows> {
  if (format === 'parquet') return previewParquet(reader, limit, new AbortController().signal)
  if (format === 'jsonl') return previewJsonLines(reader, limit)
  if (format === 'csv') return previewCsv(reader, limit, csv)
  throw new TaskFailure('type_unsupported', 'A binary file has no columns to show.')
}

async function withReader<T>(
  store: FileStore,
  item: FileItem,
  work: (reader: FileReader) => Promise<T>,
): Promise<T> {
  const path = cleanPath(item.path)
  const selection = {
    container: item.container,
    folder: folderOf(path),
    fileName: nameOf(path),
    recursive: false,
  }
  try {
    const entry = (await store.list(selection)).find((found) => found.path === path)
    if (!entry) throw new TaskFailure('not_found', `File “${path}” does not exist.`)
    const reader = await store.openReader(item.container, entry)
    try {
      return await work(reader)
    } finally {
      await reader.close()
    }
  } finally {
    await store.close()
  }
}

function cut(value: string | null): string | null {
  return value !== null && value.length > previewLength ? `${value.slice(0, previewLength)}…` : value
}
