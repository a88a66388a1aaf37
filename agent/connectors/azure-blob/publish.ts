import { setTimeout as delay } from 'node:timers/promises'
import { TaskFailure } from '../../copy/failure.ts'
import type { Published, PublishRequest, StagedFile } from '../connector.ts'
import { inParallel } from '../in-parallel.ts'
import type { BlobAnswer, BlobClient } from './blob-client.ts'
import { BlobError } from './blob-error.ts'
import { metadata } from './staged-writer.ts'

/** Server-side copies at the same time: each is one small request. */
const copiesAtOnce = 6
const pollMs = 500

type BlobPublish = PublishRequest & { container: string }

/** Copies each staged blob to its final name within the store, under the condition that nobody else wrote there since `checkTargets`. */
export async function publishBlobs(client: BlobClient, request: BlobPublish): Promise<Published> {
  await inParallel(request.files, copiesAtOnce, (file) => publishBlob(client, request, file))
  // Only when every file stands under its final name: until then a repeated publish needs the staged ones.
  await inParallel(request.files, copiesAtOnce, (file) =>
    deleteBlob(client, request.container, file.stagedPath),
  )
  const files = request.files.map(({ path, sizeBytes, md5 }) => ({ path, sizeBytes: String(sizeBytes), md5 }))
  return { files, removed: await removeUnchanged(client, request) }
}

/** What an overwrite leaves of earlier copies. */
async function removeUnchanged(client: BlobClient, { container, earlier }: BlobPublish): Promise<string[]> {
  const removed: string[] = []
  await inParallel(Object.entries(earlier?.obsolete ?? {}), copiesAtOnce, async ([blob, etag]) => {
    try {
      await client.send({ method: 'DELETE', container, blob, headers: { 'if-match': `"${etag}"` } })
    } catch (error) {
      if (!(error instanceof BlobError && (error.status === 412 || error.status === 404))) throw error
      // Changed meanwhile, it is somebody's own; gone, an earlier try of this publish removed it.
      if (await headBlob(client, container, blob)) return
    }
    removed.push(blob)
  })
  return removed.toSorted()
}

export async function deleteBlob(client: BlobClient, container: string, blob: string): Promise<void> {
  try {
    await client.send({ method: 'DELETE', container, blob })
  } catch (error) {
    if (!(error instanceof BlobError && error.status === 404)) throw error
  }
}

async function publishBlob(client: BlobClient, request: BlobPublish, file: StagedFile): Promise<void> {
  const { container, replaces } = request
  const replaced = replaces[file.path]
  try {
    await client.send({
      method: 'PUT',
      container,
      blob: file.path,
      headers: {
        'x-ms-copy-source': client.urlOf({ container, blob: file.stagedPath }).href,
        ...(replaced === undefined ? { 'if-none-match': '*' } : { 'if-match': `"${replaced}"` }),
      },
    })
  } catch (error) {
    if (!(error instanceof BlobError)) throw error
    // The answer to an earlier try may have been lost: the blob then says that it is this run's.
    if (await isPublished(client, request, file)) return
    throw refusal(error, file.path, replaced)
  }
  if (!(await isPublished(client, request, file)))
    throw new TaskFailure('verification_failed', `Blob “${container}/${file.path}” is not as it was staged`, {
      side: 'sink',
    })
}

function refusal(error: BlobError, path: string, replaced: string | undefined): TaskFailure {
  const options = { side: 'sink', cause: error } as const
  if (error.status === 404)
    return new TaskFailure('store_conflict', `The staged blob for “${path}” is gone`, options)
  return replaced === undefined
    ? new TaskFailure('already_exists', `Blob “${path}” already exists`, options)
    : new TaskFailure('store_conflict', `Blob “${path}” was changed while the copy ran`, options)
}

/** Whether the final blob is this run's copy of the staged file; waits while the service still copies. */
async function isPublished(
  client: BlobClient,
  { container, runId }: BlobPublish,
  file: StagedFile,
): Promise<boolean> {
  for (;;) {
    const head = await headBlob(client, container, file.path)
    if (!head) return false
    const { headers } = head
    if (headers[metadata.run] !== runId) return false
    if (headers['x-ms-copy-status'] !== 'pending')
      return (
        headers['x-ms-copy-status'] !== 'failed' &&
        Number(headers['content-length']) === file.sizeBytes &&
        headers['content-md5'] === Buffer.from(file.md5, 'hex').toString('base64')
      )
    await delay(pollMs)
  }
}

/** Null where the blob does not exist. */
export async function headBlob(
  client: BlobClient,
  container: string,
  blob: string,
): Promise<BlobAnswer | null> {
  try {
    return await client.send({ method: 'HEAD', container, blob })
  } catch (error) {
    if (error instanceof BlobError && error.status === 404) return null
    throw error
  }
}
