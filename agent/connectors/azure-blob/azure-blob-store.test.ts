import { randomUUID } from 'node:crypto'
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BlobEmulator, emulatorAccount, startBlobEmulator } from '../../testing/blob-emulator.ts'
import type { OpenStore } from '../connector.ts'
import { describeFileStore } from '../contract.ts'
import type { StoreUnderTest } from '../store-under-test.ts'
import { openAzureBlob } from './azure-blob-store.ts'

const { accountName, accountKey } = emulatorAccount
let emulator: BlobEmulator
/** The official client, independent of ours. */
let official: BlobServiceClient

beforeAll(async () => {
  emulator = await startBlobEmulator()
  const credential = new StorageSharedKeyCredential(accountName, accountKey)
  official = new BlobServiceClient(emulator.address.serviceEndpoint, credential)
})
afterAll(() => emulator.stop())

function openStore(overrides: Partial<OpenStore> = {}): OpenStore {
  return {
    name: 'lake',
    address: emulator.address,
    secret: { kind: 'accountKey', accountKey },
    allowedFolders: [],
    allowedHosts: [],
    signal: new AbortController().signal,
    ...overrides,
  }
}

async function blobStore(): Promise<StoreUnderTest> {
  const container = `c${randomUUID()}`
  const client = official.getContainerClient(container)
  await client.create()
  return {
    store: await openAzureBlob(openStore()),
    container,
    async put(path, content) {
      await client.getBlockBlobClient(path).uploadData(Buffer.from(content))
    },
    async get(path) {
      const blob = client.getBlobClient(path)
      return (await blob.exists()) ? blob.downloadToBuffer() : null
    },
    async everything() {
      const names: string[] = []
      for await (const blob of client.listBlobsFlat()) names.push(blob.name)
      return names
    },
  }
}

describeFileStore('Azure Blob', blobStore)

describe('Azure Blob Storage', () => {
  it('publishes with MD5, content type and metadata that name run, epoch and digest', async () => {
    const { store, container } = await blobStore()
    if (!container) throw new Error('a container')
    const runId = randomUUID()
    const target = { container, runId, part: 3, epoch: 77, index: 0, folder: '', path: 'f.parquet' }
    const writer = await store.openStagedWriter(target)
    await writer.write(Buffer.from('PAR1'))
    const file = await writer.commit('beef')
    await store.publish({ container, runId, epoch: 78, replaces: {}, files: [file] })
    const properties = await official.getContainerClient(container).getBlobClient('f.parquet').getProperties()
    expect(Buffer.from(properties.contentMD5 ?? []).toString('hex')).toBe(file.md5)
    expect(properties.contentType).toBe('application/vnd.apache.parquet')
    const metadata = {
      sallyport_run: runId,
      sallyport_epoch: '77',
      sallyport_digest: 'beef',
      sallyport_part: '3',
    }
    expect(properties.metadata).toEqual(metadata)
  })

  it('says which thing is wrong: key, container, permission', async () => {
    const { container } = await blobStore()
    const list = { folder: '', fileName: '*', recursive: true }
    const wrongKey = await openAzureBlob(
      openStore({ secret: { kind: 'accountKey', accountKey: 'd3Jvbmc=' } }),
    )
    await expect(wrongKey.list({ ...list, container })).rejects.toMatchObject({ code: 'login_failed' })
    const store = await openAzureBlob(openStore())
    await expect(store.list({ ...list, container: 'missing' })).rejects.toMatchObject({ code: 'not_found' })
    const check = store.checkTargets({ container: 'missing', writeBehavior: 'append', paths: ['a'] })
    await expect(check).rejects.toMatchObject({ code: 'not_found' })
  })

  it('names a missing container, and not the probe that found it missing', async () => {
    const store = await openAzureBlob(openStore())
    const check = store.checkTargets({ container: 'missing', writeBehavior: 'append', paths: ['a/x'] })
    await expect(check).rejects.toThrow('Store “lake” (missing): the container does not exist.')
  })

  it('works with a SAS token, also for the copy within the store', async () => {
    const under = await blobStore()
    if (!under.container) throw new Error('a container')
    const { ContainerSASPermissions } = await import('@azure/storage-blob')
    const url = await official.getContainerClient(under.container).generateSasUrl({
      permissions: ContainerSASPermissions.parse('rwdlc'),
      expiresOn: new Date(Date.now() + 3_600_000),
    })
    const store = await openAzureBlob(
      openStore({
        address: { ...emulator.address, authenticationType: 'SasToken' },
        secret: { kind: 'sasToken', sasToken: new URL(url).search },
      }),
    )
    const runId = randomUUID()
    const { container } = under
    const writer = await store.openStagedWriter({
      container,
      runId,
      part: 0,
      epoch: 1,
      index: 0,
      folder: '',
      path: 'x',
    })
    await writer.write(Buffer.from('by token'))
    const files = [await writer.commit('00')]
    await store.publish({ container, runId, epoch: 2, replaces: {}, files })
    expect(String(await under.get('x'))).toBe('by token')
  })
})
