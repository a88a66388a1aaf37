import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { link, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { TaskFailure } from '../../copy/failure.ts'
import type { Published, PublishRequest, ReplacedFiles, StagedFile } from '../connector.ts'
import type { AllowedFolder } from './allowed-folder.ts'
import { exists, isMissing } from './allowed-folder.ts'
import { readRecord, writeRecord } from './family-record.ts'
import { fileEtag } from './file-reader.ts'
import { fileEntry } from './list-files.ts'
import { syncFolder } from './staged-writer.ts'

/**
 * Renames every staged file to its final name, and removes what an overwrite leaves of earlier copies. A file that this run has
 * published already is recognised by its content.
 */
export async function publishLocal(folder: AllowedFolder, request: PublishRequest): Promise<Published> {
  const { earlier } = request
  const folders = new Set<string>()
  const moves: Move[] = []
  for (const file of request.files) {
    const from = await folder.resolve(file.stagedPath)
    const to = await folder.resolve(file.path)
    const replaced = request.replaces[file.path]
    folders.add(dirname(to))
    if (await exists(from)) moves.push({ from, to, file, replaced })
    else if (!(await isSameFile(to, file)))
      throw new TaskFailure('store_conflict', `The staged file for “${file.path}” is gone`, { side: 'sink' })
  }
  // All of them are looked at before the first is moved, so that a conflict seldom leaves half of the files replaced.
  for (const move of moves) if (move.replaced !== undefined) await requireUnchanged(move)
  const written = earlier ? await versionsOf(folder, request.files) : {}
  // Before the first is moved: whatever a crash leaves in place is known to be ours.
  if (earlier)
    await writeRecord(
      folder,
      { ...request, ...earlier },
      { ...(await readRecord(folder, earlier.family)), ...written },
    )
  for (const move of moves) await putInPlace(move)
  for (const changed of folders) await syncFolder(changed)
  const removed = await removeUnchanged(folder, earlier?.obsolete ?? {})
  if (earlier?.writeBehavior === 'overwrite') await writeRecord(folder, { ...request, ...earlier }, written)
  const files = request.files.map(({ path, sizeBytes, md5 }) => ({ path, sizeBytes: String(sizeBytes), md5 }))
  return { files, removed }
}

/** A rename changes neither the identity nor the version of a file: what is staged is what will stand. */
async function versionsOf(folder: AllowedFolder, files: readonly StagedFile[]): Promise<ReplacedFiles> {
  const versions: Record<string, string> = {}
  for (const { path, stagedPath } of files) {
    const entry = (await fileEntry(folder, stagedPath)) ?? (await fileEntry(folder, path))
    if (entry?.etag) versions[path] = entry.etag
  }
  return versions
}

async function removeUnchanged(folder: AllowedFolder, obsolete: ReplacedFiles): Promise<string[]> {
  const removed: string[] = []
  for (const [path, etag] of Object.entries(obsolete)) {
    const entry = await fileEntry(folder, path)
    if (entry && entry.etag !== etag) continue
    const location = await folder.resolve(path)
    await rm(location, { force: true })
    if (entry) await syncFolder(dirname(location))
    removed.push(path)
  }
  return removed
}

type Move = { from: string; to: string; file: StagedFile; replaced: string | undefined }

/** Replaces only the version that stood there when the copy was prepared; otherwise the name must be free. */
async function putInPlace(move: Move): Promise<void> {
  if (move.replaced === undefined) return linkInPlace(move)
  await requireUnchanged(move)
  await rename(move.from, move.to)
}

async function requireUnchanged({ to, file, replaced }: Move): Promise<void> {
  const current = await stat(to, { bigint: true }).catch((error: unknown) => {
    if (isMissing(error)) return null
    throw error
  })
  if (current && fileEtag(current) !== replaced)
    throw new TaskFailure('store_conflict', `File “${file.path}” was changed while the copy ran`, {
      side: 'sink',
    })
}

/** A hard link never replaces anything, as a rename would. */
async function linkInPlace(move: Move): Promise<void> {
  const { from, to } = move
  try {
    await link(from, to)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EEXIST') await requireOwn(move)
    else if (isWithoutLinks(code)) return renameToFreeName(move)
    else throw error
  }
  await rm(from, { force: true })
}

/** FAT, some network file systems and some FUSE mounts have no hard links. */
function isWithoutLinks(code: unknown): boolean {
  return (
    code === 'EPERM' || code === 'ENOTSUP' || code === 'EOPNOTSUPP' || code === 'ENOSYS' || code === 'EMLINK'
  )
}

/** Reserves the name first, so that of two writers only one gets it. */
async function renameToFreeName({ from, to, file }: Move): Promise<void> {
  try {
    await (await open(to, 'wx')).close()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    throw alreadyExists(file.path)
  }
  await rename(from, to)
}

/** The name is taken: by the link that an interrupted publish made, or by somebody else's file. */
async function requireOwn({ from, to, file }: Move): Promise<void> {
  const [staged, final] = await Promise.all([stat(from, { bigint: true }), stat(to, { bigint: true })])
  if (staged.ino !== final.ino || staged.dev !== final.dev) throw alreadyExists(file.path)
}

function alreadyExists(path: string): TaskFailure {
  return new TaskFailure('already_exists', `File “${path}” already exists`, { side: 'sink' })
}

async function isSameFile(location: string, { sizeBytes, md5 }: StagedFile): Promise<boolean> {
  const stats = await stat(location).catch(() => null)
  if (!stats?.isFile() || stats.size !== sizeBytes) return false
  const hash = createHash('md5')
  for await (const chunk of createReadStream(location)) hash.update(chunk)
  return hash.digest('hex') === md5
}
