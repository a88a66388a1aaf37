import { queryOptions } from '@tanstack/react-query'
import { askNode, type Asking } from '@/components/stores/ask-node'
import { type BrowsedItem, formatOfName } from '@/components/stores/items'
import { type AskedStore, onRequest, reporter } from '@/components/stores/query-options'
import { requestBrowseAction } from '@/lib/interactive/actions'
import type { FileFormat } from '@/lib/protocol/copy-plan'

/** A folder's files as a copy takes them. `fileName` is a file, a wildcard, or empty for all. */
export type FileSelection = {
  container: string
  folder: string
  fileName: string
  recursive: boolean
  format: FileFormat
}

/** So many folders are looked into for a file that shows the columns of all. */
const mostPlaces = 12

/** The path of one file that stands for the others: the first that the selection takes; null where there is none. */
export function sampleFileOptions(store: AskedStore, selection: FileSelection) {
  return queryOptions({
    ...onRequest,
    queryKey: ['stores', 'sample', store.id, store.version, selection],
    queryFn: async ({ signal, client, queryKey }) => ({
      path: await findSample(store, selection, { signal, onProgress: reporter(client, queryKey) }),
    }),
  })
}

async function findSample(
  store: AskedStore,
  selection: FileSelection,
  asking: Asking,
): Promise<string | null> {
  const { container, folder, fileName, recursive, format } = selection
  const root = folder.split('/').filter(Boolean)
  if (fileName && !/[*?]/.test(fileName)) return [...root, fileName].join('/')
  const accepts = acceptor(fileName, format)
  const places = [root]
  for (let looked = 0; looked < mostPlaces; looked += 1) {
    const place = places.shift()
    if (!place) return null
    const items = await browse(store, [...(container ? [container] : []), ...place], asking)
    const found = items.find(({ kind, name }) => kind === 'file' && accepts(name))
    if (found) return [...place, found.name].join('/')
    if (recursive) places.push(...items.filter(isDataFolder).map(({ name }) => [...place, name]))
  }
  return null
}

async function browse(store: AskedStore, path: string[], asking: Asking): Promise<readonly BrowsedItem[]> {
  const { output } = await askNode(
    'browse',
    () => requestBrowseAction({ linkedServiceId: store.id, path }),
    asking,
  )
  return output.result.items
}

/** Folders that begin so hold the work of tools, not data. */
function isDataFolder({ kind, name }: BrowsedItem): boolean {
  return kind === 'folder' && !/^[._]/.test(name)
}

/** With a wildcard it decides alone; without one, files of other formats are passed over. */
function acceptor(pattern: string, format: FileFormat): (name: string) => boolean {
  if (!pattern || pattern === '*') return (name) => format === 'binary' || formatOfName(name) === format
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  const expression = new RegExp(`^${source}$`)
  return (name) => expression.test(name)
}
