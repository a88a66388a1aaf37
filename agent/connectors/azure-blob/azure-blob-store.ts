import { randomUUID } from 'node:crypto'
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
import { cleanPath, folderOf, joinPath, stagingFolder } from '../file-names.ts'
import { inParallel } from '../in-parallel.ts'
import { apiVersion, BlobClient } from './blob-client.ts'
import { BlobReader } from './blob-reader.ts'
import { findWritten, listBlobs, pages } from './list-blobs.ts'
import { deleteBlob, headBlob, publishBlobs } from './publish.ts'
import { BlobStagedWriter } from './staged-writer.ts'

const requestsAtOnce = 8

export async function openAzureBlob(store: OpenStore): Promise<FileStore> {
  return new AzureBlobStore(blobClient(store))
}

export function blobClient(store: OpenStore): BlobClient {
  const { address } = store
  if (address.type !== 'AzureBlobStorage') throw new Error('an Azure Blob store has a service endpoint')
  return new BlobClient({ ...store, address })
}

/** Blobs of one storage account as a store of files. */
class AzureBlobStore implements FileStore {
  readonly words = {
    guarantee:
      'one block list per blob, copied to its final name within the store on condition that nobody else wrote there',
    integrity: 'the service compared the MD5 of every block with the bytes that arrived',
    version: `Azure Blob Storage, REST API ${apiVersion}`,
  }
  readonly #client: BlobClient

  constructor(client: BlobClient) {
    this.#client = client
  }

  async list(selection: FileSelection): Promise<FileEntry[]> {
    return listBlobs(this.#client, required(selection.container), selection)
  }

  async openReader(container: string | undefined, entry: FileEntry): Promise<FileReader> {
    return new BlobReader(this.#client, required(container), entry)
  }

  async openStagedWriter(target: StagedTarget): Promise<StagedWriter> {
    const path = cleanPath(target.path)
    return new BlobStagedWriter(this.#client, { ...target, path, container: required(target.container) })
  }

  async openStagedReader(container: string | undefined, file: StagedFile): Promise<FileReader | null> {
    const head = await headBlob(this.#client, required(container), file.stagedPath)
    if (!head) return null
    if (Number(head.headers['content-length']) !== file.sizeBytes)
      throw new TaskFailure(
        'verification_failed',
        `The staged blob for “${file.path}” is not as it was written`,
        { side: 'sink' },
      )
    const etag = head.headers['etag']?.replaceAll('"', '')
    const entry = { path: file.stagedPath, sizeBytes: file.sizeBytes, modifiedAt: '', ...(etag && { etag }) }
    return new BlobReader(this.#client, required(container), entry)
  }

  async checkTargets(target: Parameters<FileStore['checkTargets']>[0]): Promise<ReplacedFiles> {
    const container = required(target.container)
    const [first] = target.paths
    if (first !== undefined) await this.#requireWritable(container, folderOf(cleanPath(first)))
    const replaces: Record<string, string> = {}
    await inParallel(target.paths, requestsAtOnce, async (path) => {
      const head = await headBlob(this.#client, container, cleanPath(path))
      if (head && target.writeBehavior === 'append')
        throw new TaskFailure('already_exists', `Blob “${container}/${path}” already exists`, {
          side: 'sink',
        })
      const etag = head?.headers['etag']
      if (etag) replaces[path] = etag.replaceAll('"', '')
    })
    return replaces
  }

  findEarlier(search: Parameters<FileStore['findEarlier']>[0]): Promise<ReplacedFiles> {
    return findWritten(this.#client, required(search.container), search)
  }

  publish(request: PublishRequest): Promise<Published> {
    return publishBlobs(this.#client, { ...request, container: required(request.container) })
  }

  async removeStaging(staging: {
    container: string | undefined
    runId: string
    folder: string
  }): Promise<string[]> {
    const container = required(staging.container)
    const prefix = `${joinPath(cleanPath(staging.folder), stagingFolder, staging.runId)}/`
    const paths: string[] = []
    for await (const item of pages(this.#client, container, { prefix, isFlat: true })) paths.push(item.path)
    await inParallel(paths, requestsAtOnce, (path) => deleteBlob(this.#client, container, path))
    return paths
  }

  close(): Promise<void> {
    return this.#client.close()
  }

  /** Writes and removes an empty blob: what the copy itself will do, said before it starts. */
  async #requireWritable(container: string, folder: string): Promise<void> {
    const blob = joinPath(folder, stagingFolder, `probe-${randomUUID()}`)
    await this.#client.send({ method: 'PUT', container, blob, headers: { 'x-ms-blob-type': 'BlockBlob' } })
    await deleteBlob(this.#client, container, blob)
  }
}

function required(container: string | undefined): string {
  if (!container) throw new TaskFailure('not_found', 'A container is needed to reach blobs: choose one')
  return container
}
