import { hash } from 'node:crypto'
import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import type { ReplacedFiles } from '../connector.ts'
import { type FileFamily, isOfFamily, joinPath } from '../file-names.ts'
import { type AllowedFolder, isMissing } from './allowed-folder.ts'
import { fileEntry } from './list-files.ts'
import { partialPath, syncFolder } from './staged-writer.ts'

/**
 * A folder's memory of which files copies wrote into it, with the version of each: a file system keeps no such note at the file
 * itself. One record per sink name, beside the files. Losing it costs nothing but the removal of old files.
 */
const FamilyRecord = z.object({ files: z.record(z.string(), z.string()) })

function recordPath({ folder, name, format }: FileFamily): string {
  return joinPath(folder, `.sallyport-${hash('sha256', `${name}.${format}`).slice(0, 16)}.json`)
}

export async function readRecord(folder: AllowedFolder, family: FileFamily): Promise<ReplacedFiles> {
  const text = await readFile(await folder.resolve(recordPath(family)), 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return '{}'
    throw error
  })
  return FamilyRecord.catch({ files: {} }).parse(parseJson(text)).files
}

/** Replaces the record at once and for good. */
export async function writeRecord(
  folder: AllowedFolder,
  { family, runId, epoch }: { family: FileFamily; runId: string; epoch: number },
  files: ReplacedFiles,
): Promise<void> {
  const path = recordPath(family)
  const location = await folder.resolve(path)
  // Called like a staged file, so that what a crash leaves is cleaned up with them.
  const target = { container: undefined, runId, part: 0, index: 0, epoch, folder: family.folder, path }
  const draft = await folder.resolve(partialPath(target))
  const file = await open(draft, 'w')
  try {
    await file.writeFile(JSON.stringify({ files }))
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, location)
  await syncFolder(dirname(location))
}

/** Only what the record names, what is called as such a file would be, and what is still as it was written. */
export async function findRecorded(
  folder: AllowedFolder,
  { family, paths }: { family: FileFamily; paths: readonly string[] },
): Promise<ReplacedFiles> {
  const found: Record<string, string> = {}
  const kept = new Set(paths)
  for (const [path, etag] of Object.entries(await readRecord(folder, family))) {
    if (kept.has(path) || !isOfFamily(family, path)) continue
    if ((await fileEntry(folder, path))?.etag === etag) found[path] = etag
  }
  return found
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
