import { BlobServiceClient, type ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob'
import { type BlobEmulator, emulatorAccount, startBlobEmulator } from '@/server/demo/azurite'
import { freePort } from './free-port'

/** Azurite with one container, and the account key that opens it. */
export type BlobStore = BlobEmulator & { accountKey: string; accountName: string; container: ContainerClient }

export async function startBlobStore(dataDir: string, container: string): Promise<BlobStore> {
  const emulator = await startBlobEmulator(dataDir, await freePort())
  const { name, key } = emulatorAccount
  const service = new BlobServiceClient(emulator.serviceEndpoint, new StorageSharedKeyCredential(name, key))
  const { containerClient } = await service.createContainer(container)
  return { ...emulator, accountKey: key, accountName: name, container: containerClient }
}

/** The blobs below a folder, by name. */
export async function readBlobs(container: ContainerClient, folder: string): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>()
  for await (const { name } of container.listBlobsFlat({ prefix: `${folder}/` }))
    found.set(name, await container.getBlobClient(name).downloadToBuffer())
  return found
}
