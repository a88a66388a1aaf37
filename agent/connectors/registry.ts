import type { StoreType } from '../../lib/protocol/stores.ts'
import { TaskFailure } from '../copy/failure.ts'
import { openAzureBlob } from './azure-blob/azure-blob-store.ts'
import { azureBlobExplorer } from './azure-blob/explorer.ts'
import { fileServerExplorer } from './file-server/explorer.ts'
import { openFileServer } from './file-server/file-server-store.ts'
import { postgresExplorer } from './postgresql/explorer.ts'
import type { Explorer, FileStore, OpenStore } from './connector.ts'

const explorers: Partial<Record<StoreType, Explorer>> = {
  PostgreSql: postgresExplorer,
  AzureBlobStorage: azureBlobExplorer,
  FileServer: fileServerExplorer,
}
const fileStores: Partial<Record<StoreType, (store: OpenStore) => Promise<FileStore>>> = {
  AzureBlobStorage: openAzureBlob,
  FileServer: openFileServer,
}

export function explorerFor(type: StoreType): Explorer {
  const explorer = explorers[type]
  if (!explorer) throw new TaskFailure('internal', `this node has no connector for ${type}`)
  return explorer
}

/** Opens a store that holds files; a database is none. */
export async function openFileStore(store: OpenStore): Promise<FileStore> {
  const open = fileStores[store.address.type]
  if (!open) throw new TaskFailure('internal', `${store.address.type} holds no files`)
  return open(store)
}
