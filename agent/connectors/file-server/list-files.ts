import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { TaskFailure } from '../../copy/failure.ts'
import type { FileEntry, FileSelection } from '../connector.ts'
import { cleanPath, joinPath, wildcard } from '../file-names.ts'
import { type AllowedFolder, isMissing } from './allowed-folder.ts'
import { fileEtag } from './file-reader.ts'
import { isOwnName, isPartial } from './staged-writer.ts'

/** Files that a selection names, sorted by path. Links are followed as far as the node's configuration allows. */
export async function listLocal(folder: AllowedFolder, selection: FileSelection): Promise<FileEntry[]> {
  const start = cleanPath(selection.folder)
  const isWanted = wildcard(selection.fileName)
  const entries: FileEntry[] = []
  const seen = new Set<string>()
  const waiting = [start]
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const location = await folder.resolve(path)
    // A link back up would otherwise be walked for ever.
    if (seen.has(location)) continue
    seen.add(location)
    for (const item of await readFolder(location, path)) {
      const itemPath = joinPath(path, item.name)
      const kind = await kindOf(folder, item, itemPath)
      if (kind === 'folder' && selection.recursive) waiting.push(itemPath)
      if (kind !== 'file' || !isWanted(item.name) || isOwnName(item.name)) continue
      const entry = await fileEntry(folder, itemPath)
      if (entry) entries.push(entry)
    }
  }
  return entries.toSorted((left, right) => (left.path < right.path ? -1 : 1))
}

export async function readFolder(location: string, path: string): Promise<Dirent[]> {
  try {
    return await readdir(location, { withFileTypes: true })
  } catch (error) {
    if (!isMissing(error)) throw error
    throw new TaskFailure('not_found', `Folder “${path}” does not exist`)
  }
}

export async function kindOf(
  folder: AllowedFolder,
  item: Dirent,
  path: string,
): Promise<'file' | 'folder' | null> {
  if (item.isFile()) return 'file'
  if (item.isDirectory()) return 'folder'
  if (!item.isSymbolicLink()) return null
  try {
    const stats = await stat(await folder.resolve(path))
    return stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : null
  } catch {
    // A dangling link, or one that leads out of the allowed folders, is not part of the data.
    return null
  }
}

/** Null for a file that was removed meanwhile. */
export async function fileEntry(folder: AllowedFolder, path: string): Promise<FileEntry | null> {
  try {
    const stats = await stat(await folder.resolve(path), { bigint: true })
    const modifiedAt = new Date(Number(stats.mtimeMs)).toISOString()
    return { path, sizeBytes: Number(stats.size), modifiedAt, etag: fileEtag(stats) }
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

/** Locations of staged files of a run below a folder. */
export async function findPartials(location: string, runId: string): Promise<string[]> {
  const items = await readdir(location, { withFileTypes: true, recursive: true }).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw error
  })
  return items
    .filter((item) => item.isFile() && isPartial(item.name, runId))
    .map((item) => join(item.parentPath, item.name))
}
