import type { FileEntry, FileSelection, ReplacedFiles } from '../connector.ts'
import {
  cleanPath,
  type FileFamily,
  folderOf,
  isOfFamily,
  joinPath,
  nameOf,
  stagingFolder,
  wildcard,
} from '../file-names.ts'
import { metadataName } from './staged-writer.ts'
import type { BlobClient } from './blob-client.ts'
import { element, elements, nameElement } from './xml.ts'

/** `runId`: the copy that wrote it, where one did. */
export type BlobItem = FileEntry & { isFolder: false; runId?: string }
export type FolderItem = { path: string; isFolder: true }

/** Blobs that a selection names, sorted by path. */
export async function listBlobs(
  client: BlobClient,
  container: string,
  selection: FileSelection,
): Promise<FileEntry[]> {
  const folder = cleanPath(selection.folder)
  const isWanted = wildcard(selection.fileName)
  // The wildcard's fixed beginning narrows what the service has to list.
  const fixed = /^[^*?]*/.exec(selection.fileName)?.[0] ?? ''
  const base = folder === '' ? '' : `${folder}/`
  const prefix = selection.recursive ? base : base + fixed
  const entries: FileEntry[] = []
  for await (const item of pages(client, container, { prefix, isFlat: selection.recursive })) {
    if (item.isFolder || !isWanted(nameOf(item.path))) continue
    if (item.path.split('/').includes(stagingFolder)) continue
    if (selection.recursive || folderOf(item.path) === folder) entries.push(item)
  }
  return entries.toSorted((left, right) => (left.path < right.path ? -1 : 1))
}

/** Blobs of a family that copies wrote, with the etag of each. */
export async function findWritten(
  client: BlobClient,
  container: string,
  { family, paths }: { family: FileFamily; paths: readonly string[] },
): Promise<ReplacedFiles> {
  const found: Record<string, string> = {}
  const kept = new Set(paths)
  const prefix = joinPath(family.folder, family.name)
  for await (const item of pages(client, container, { prefix, isFlat: false })) {
    if (item.isFolder || kept.has(item.path) || !isOfFamily(family, item.path)) continue
    if (item.runId && item.etag) found[item.path] = item.etag
  }
  return found
}

/** Blobs and, unless flat, the folders between them. Reads page by page, as long as the caller goes on. */
export async function* pages(
  client: BlobClient,
  container: string,
  { prefix, isFlat, pageSize }: { prefix: string; isFlat: boolean; pageSize?: number },
): AsyncGenerator<BlobItem | FolderItem> {
  let marker: string | undefined
  do {
    const { body } = await client.send({
      method: 'GET',
      container,
      query: {
        restype: 'container',
        comp: 'list',
        include: 'metadata',
        ...(prefix !== '' && { prefix }),
        ...(!isFlat && { delimiter: '/' }),
        ...(pageSize !== undefined && { maxresults: String(pageSize) }),
        ...(marker && { marker }),
      },
    })
    const xml = body.toString()
    for (const folder of elements(xml, 'BlobPrefix'))
      yield { path: nameElement(folder).replace(/\/$/, ''), isFolder: true }
    for (const blob of elements(xml, 'Blob')) if (!isDirectory(blob)) yield blobItem(blob)
    marker = element(xml, 'NextMarker')
  } while (marker)
}

export async function listContainers(
  client: BlobClient,
  limit: number,
): Promise<{ names: string[]; truncated: boolean }> {
  const { body } = await client.send({ method: 'GET', query: { comp: 'list', maxresults: String(limit) } })
  const xml = body.toString()
  return {
    names: elements(xml, 'Container').map(nameElement),
    truncated: Boolean(element(xml, 'NextMarker')),
  }
}

/** Accounts with a hierarchical namespace list their folders as blobs without content. */
function isDirectory(blob: string): boolean {
  return element(blob, 'ResourceType') === 'directory' || element(blob, 'hdi_isfolder') === 'true'
}

function blobItem(blob: string): BlobItem {
  const modified = element(blob, 'Last-Modified')
  const etag = element(blob, 'Etag')?.replaceAll('"', '').replaceAll('&quot;', '')
  const runId = element(element(blob, 'Metadata') ?? '', metadataName.run)
  return {
    path: nameElement(blob),
    sizeBytes: Number(element(blob, 'Content-Length') ?? 0),
    modifiedAt: new Date(modified ?? 0).toISOString(),
    isFolder: false,
    ...(etag && { etag }),
    ...(runId && { runId }),
  }
}
