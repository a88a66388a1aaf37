import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import type { Readable } from 'node:stream'
import { BlobServiceClient, type ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob'
import type { AzureBlobStorageAddress } from '../../lib/protocol/stores.ts'

/** The emulator's well-known account, published in Azurite's documentation: a constant of the emulator, not a secret. */
export const emulatorAccount = {
  accountName: 'devstoreaccount1',
  accountKey: 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
}

export type BlobEmulator = { address: AzureBlobStorageAddress; stop(): Promise<void> }

/** Azurite, the official Azure Blob emulator, in a process of its own that keeps everything in memory. */
export async function startBlobEmulator(): Promise<BlobEmulator> {
  const program = createRequire(import.meta.url).resolve('azurite/dist/src/blob/main.js')
  const options = ['--inMemoryPersistence', '--silent', '--skipApiVersionCheck', '--disableTelemetry']
  const child = spawn(process.execPath, [program, '--blobHost', '127.0.0.1', '--blobPort', '0', ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const origin = await originOf(child.stdout)
  return {
    address: {
      type: 'AzureBlobStorage',
      serviceEndpoint: `${origin}/${emulatorAccount.accountName}`,
      authenticationType: 'AccountKey',
      accountName: emulatorAccount.accountName,
    },
    async stop() {
      child.kill('SIGTERM')
      await exited
    },
  }
}

/** A new container by the official client, which owes nothing to ours. */
export async function createContainer({ address }: BlobEmulator, name: string): Promise<ContainerClient> {
  const credential = new StorageSharedKeyCredential(emulatorAccount.accountName, emulatorAccount.accountKey)
  const container = new BlobServiceClient(address.serviceEndpoint, credential).getContainerClient(name)
  await container.create()
  return container
}

/** With port 0 the emulator says itself where it listens. */
function originOf(output: Readable): Promise<string> {
  let said = ''
  return new Promise((resolve, reject) => {
    output.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      const origin = /listens on (http:\/\/[\d.]+:\d+)/.exec(said)?.[1]
      if (origin) resolve(origin)
    })
    output.on('end', () => reject(new Error(`The blob emulator (Azurite) did not start: ${said}`)))
  })
}
