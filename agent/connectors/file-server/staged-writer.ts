import { createHash } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { failureFrom, TaskFailure } from '../../copy/failure.ts'
import type { StagedFile, StagedTarget, StagedWriter } from '../connector.ts'
import { folderOf, joinPath, nameOf } from '../file-names.ts'
import { isMissing } from './allowed-folder.ts'
import { makeFolder } from './made-folders.ts'

/** The disk takes what is written in steps of so much meanwhile, so that little is left to wait for at the end. */
const syncEveryBytes = 64 << 20

/** File names have a limit of 255 bytes on common file systems; the run, part and epoch take up to 90. */
const longestKeptName = 120

/** `.flights.parquet.<run>.<part>.<index>.<epoch>.partial`, beside the final file, so that publishing is a rename. */
export function partialPath({ path, runId, part, index, epoch }: StagedTarget): string {
  const name = Buffer.from(nameOf(path)).subarray(0, longestKeptName).toString().replaceAll('\uFFFD', '')
  return joinPath(folderOf(path), `.${name}.${runId}.${part}.${index}.${epoch}.partial`)
}

/** Whether a file name is that of a staged file: of one run, or of any. */
export function isPartial(name: string, runId?: string): boolean {
  const match = /^\..*\.([0-9a-f-]{36})\.\d+\.\d+\.\d+\.partial$/su.exec(name)
  return match !== null && (runId === undefined || match[1] === runId)
}

/** Names of this product's own: staged files, and records of what was written. They are no data. */
export function isOwnName(name: string): boolean {
  return isPartial(name) || /^\.sallyport-[0-9a-f]{16}\.json$/.test(name)
}

export async function openLocalWriter(location: string, target: StagedTarget): Promise<StagedWriter> {
  return new LocalStagedWriter(await openInFolder(location, target.runId), location, target)
}

async function openInFolder(location: string, runId: string, isAgain = false): Promise<FileHandle> {
  try {
    await makeFolder(dirname(location), runId)
    // The same part with the same epoch may have been started before: its remains are overwritten.
    return await open(location, 'w')
  } catch (error) {
    if (!isMissing(error)) throw error
    // Another copy, which had made the folder, has just cleaned up behind itself.
    if (!isAgain) return openInFolder(location, runId, true)
    throw new TaskFailure(
      'permission_denied',
      `The file system of “${dirname(location)}” takes no new files or folders (as /proc does): choose another folder.`,
      { side: 'sink', cause: error },
    )
  }
}

class LocalStagedWriter implements StagedWriter {
  readonly #file: FileHandle
  readonly #location: string
  readonly #target: StagedTarget
  readonly #md5 = createHash('md5')
  #sizeBytes = 0
  #sentToDisk = 0
  /** Settles with the error of the sync that is under way, or with null. */
  #syncing: Promise<unknown> = Promise.resolve(null)
  #isSyncing = false

  constructor(file: FileHandle, location: string, target: StagedTarget) {
    this.#file = file
    this.#location = location
    this.#target = target
  }

  async write(chunk: Uint8Array): Promise<void> {
    const written = this.#writeAll(chunk)
    // Hashed while the operating system writes.
    this.#md5.update(chunk)
    await written
    if (this.#sizeBytes - this.#sentToDisk >= syncEveryBytes && !this.#isSyncing) this.#syncMeanwhile()
  }

  async commit(): Promise<StagedFile> {
    const { path, epoch } = this.#target
    try {
      await this.#synced()
      await this.#file.sync()
      await this.#file.close()
      await syncFolder(dirname(this.#location))
    } catch (error) {
      throw this.#failure(error)
    }
    const md5 = this.#md5.digest('hex')
    return { path, stagedPath: partialPath(this.#target), epoch, sizeBytes: this.#sizeBytes, md5 }
  }

  async abort(): Promise<void> {
    await this.#syncing
    await this.#file.close().catch(() => {})
    await rm(this.#location, { force: true }).catch(() => {})
  }

  #syncMeanwhile(): void {
    this.#sentToDisk = this.#sizeBytes
    this.#isSyncing = true
    const before = this.#syncing
    this.#syncing = this.#file.datasync().then(
      () => before,
      (error: unknown) => error,
    )
    void this.#syncing.then(() => (this.#isSyncing = false))
  }

  /** Throws what a sync has met: the operating system tells it only once. */
  async #synced(): Promise<void> {
    const error = await this.#syncing
    if (error !== null) throw error
  }

  async #writeAll(chunk: Uint8Array): Promise<void> {
    let at = 0
    try {
      while (at < chunk.length) {
        const { bytesWritten } = await this.#file.write(chunk, at, chunk.length - at)
        at += bytesWritten
        this.#sizeBytes += bytesWritten
      }
    } catch (error) {
      throw this.#failure(error)
    }
  }

  #failure(error: unknown): Error {
    return failureFrom(error, { side: 'sink', store: 'File system', object: this.#target.path })
  }
}

/** Makes a rename or a new file survive a power cut. Some file systems cannot sync folders: then it is as durable as they are. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code !== 'EINVAL' && code !== 'EPERM' && code !== 'EISDIR') throw error
  } finally {
    await handle.close()
  }
}
