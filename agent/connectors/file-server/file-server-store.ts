import { access, constants, rm, stat } from 'node:fs/promises'
import { release, type } from 'node:os'
import { dirname, relative } from 'node:path'
import { TaskFailure } from '../../copy/failure.ts'
import type {
  FileEntry,
  FileReader,
  FileSelection,
  FileStore,
  OpenStore,
  Published,
  PublishRequest,
  ReplacedFiles,
  StagedFile,
  StagedTarget,
  StagedWriter,
} from '../connector.ts'
import { folderOf } from '../file-names.ts'
import { AllowedFolder, exists } from './allowed-folder.ts'
import { findRecorded } from './family-record.ts'
import { openLocalReader } from './file-reader.ts'
import { fileEntry, findPartials, listLocal } from './list-files.ts'
import { isFolderMark, removeMadeFolders } from './made-folders.ts'
import { publishLocal } from './publish.ts'
import { openLocalWriter, partialPath } from './staged-writer.ts'

/** A folder on the node as a store of files. */
export async function openFileServer(store: OpenStore): Promise<FileStore> {
  return new FileServerStore(await AllowedFolder.open(store))
}

class FileServerStore implements FileStore {
  readonly words = {
    guarantee: 'each file is written under a partial name, flushed to disk, and renamed once',
    integrity: 'every file was flushed to the disk (fsync) before it got its name',
    version: `File system on ${type()} ${release()}`,
  }
  readonly #folder: AllowedFolder

  constructor(folder: AllowedFolder) {
    this.#folder = folder
  }

  list(selection: FileSelection): Promise<FileEntry[]> {
    return listLocal(this.#folder, selection)
  }

  async openReader(_container: string | undefined, entry: FileEntry): Promise<FileReader> {
    return openLocalReader(await this.#folder.resolve(entry.path), entry)
  }

  async openStagedWriter(target: StagedTarget): Promise<StagedWriter> {
    return openLocalWriter(await this.#folder.resolve(partialPath(target)), target)
  }

  async openStagedReader(_container: string | undefined, file: StagedFile): Promise<FileReader | null> {
    const entry = await fileEntry(this.#folder, file.stagedPath)
    if (!entry) return null
    if (entry.sizeBytes !== file.sizeBytes)
      throw new TaskFailure(
        'verification_failed',
        `The staged file for “${file.path}” is not as it was written`,
        { side: 'sink' },
      )
    return openLocalReader(await this.#folder.resolve(file.stagedPath), entry)
  }

  async checkTargets({
    writeBehavior,
    paths,
  }: Parameters<FileStore['checkTargets']>[0]): Promise<ReplacedFiles> {
    const replaces: Record<string, string> = {}
    const folders = new Set(paths.map(folderOf))
    for (const folder of folders) await this.#requireWritable(folder)
    for (const path of paths) {
      const entry = await fileEntry(this.#folder, path)
      if (entry && writeBehavior === 'append')
        throw new TaskFailure('already_exists', `File “${path}” already exists`, { side: 'sink' })
      if (entry?.etag) replaces[path] = entry.etag
    }
    return replaces
  }

  findEarlier(search: Parameters<FileStore['findEarlier']>[0]): Promise<ReplacedFiles> {
    return findRecorded(this.#folder, search)
  }

  publish(request: PublishRequest): Promise<Published> {
    return publishLocal(this.#folder, request)
  }

  async removeStaging({ runId, folder }: { runId: string; folder: string }): Promise<string[]> {
    const location = await this.#folder.resolve(folder)
    const found = await findPartials(location, runId)
    const partials = found.filter((path) => !isFolderMark(path))
    for (const partial of partials) await rm(partial, { force: true })
    await removeMadeFolders({ folder: location, runId }, found.filter(isFolderMark))
    return partials.map((partial) => relative(this.#folder.root, partial))
  }

  async close(): Promise<void> {}

  /** The folder, or the one that will hold it, may be written. */
  async #requireWritable(folder: string): Promise<void> {
    let location = await this.#folder.resolve(folder)
    while (!(await exists(location))) location = dirname(location)
    if (!(await stat(location)).isDirectory())
      throw new TaskFailure('already_exists', `“${folder}” is a file, not a folder`, { side: 'sink' })
    await access(location, constants.W_OK | constants.X_OK)
  }
}
