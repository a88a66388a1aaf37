import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import type { CopySink, CopySource } from '../../lib/protocol/copy-plan.ts'
import type { AzureBlobStorageAddress, StoreRef } from '../../lib/protocol/stores.ts'
import { emulatorAccount } from './blob-emulator.ts'
import { storeRef, testContext, type TestContext } from './copy-harness.ts'

export type TestFolder = { path: string; store: StoreRef; remove(): Promise<void> }

export async function createTestFolder(): Promise<TestFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'sallyport-folder-')))
  return {
    path,
    store: storeRef({ type: 'FileServer', host: path }),
    remove: () => rm(path, { recursive: true, force: true }),
  }
}

export function blobStoreRef(address: AzureBlobStorageAddress): StoreRef {
  return storeRef(address)
}

/** A context that opens the emulator's account and the given folders. */
export function fileContext(folders: readonly TestFolder[] = []): TestContext {
  const plain = testContext()
  return testContext({
    allowedFolders: folders.map(({ path }) => path),
    secretFor: async (store) =>
      store.address.type === 'AzureBlobStorage'
        ? { kind: 'accountKey', accountKey: emulatorAccount.accountKey }
        : plain.secretFor(store),
  })
}

type FilesEnd = { store: StoreRef; container?: string; folder?: string; fileName?: string }
type FilesSink = Extract<CopySink, { kind: 'files' }>
type FilesSource = Extract<CopySource, { kind: 'files' }>

export function filesSink(end: FilesEnd, rest: Pick<FilesSink, 'format'> & Partial<FilesSink>): FilesSink {
  return {
    kind: 'files',
    folder: '',
    fileName: 'part',
    compression: 'zstd',
    writeBehavior: 'append',
    ...end,
    ...rest,
  }
}

export function filesSource(end: FilesEnd, format: FilesSource['format']): FilesSource {
  return { kind: 'files', folder: '', fileName: '*', recursive: true, ...end, format }
}

/** DuckDB, as a reader and writer of files that owes nothing to this product. */
export async function openDuckDb(): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create(':memory:')
  return instance.connect()
}

export async function duckRows(duck: DuckDBConnection, sql: string): Promise<Record<string, unknown>[]> {
  const reader = await duck.runAndReadAll(sql)
  return reader.getRowObjectsJson()
}
