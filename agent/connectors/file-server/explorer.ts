import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import type { BrowseResult, TestConnectionResult } from '../../../lib/protocol/interactive.ts'
import type { StoreRef } from '../../../lib/protocol/stores.ts'
import { failureFrom } from '../../copy/failure.ts'
import type { TaskContext } from '../../copy/task-context.ts'
import { runConnectionSteps } from '../connection-steps.ts'
import type { Explorer, OpenStore } from '../connector.ts'
import { joinPath } from '../file-names.ts'
import { browseResult, describeFile, fileItem, previewOf } from '../files/explore-files.ts'
import { AllowedFolder, isMissing } from './allowed-folder.ts'
import { openFileServer } from './file-server-store.ts'
import { fileEntry, kindOf, readFolder } from './list-files.ts'
import { isOwnName } from './staged-writer.ts'

export const fileServerExplorer: Explorer = {
  testConnection: testFolder,
  browse,
  describe: (store, item) =>
    explained(store, async () => describeFile(await openFileServer(store), fileItem(item))),
  preview: (store, { item, limit }) =>
    explained(store, async () => previewOf(await openFileServer(store), fileItem(item), limit)),
}

function testFolder(
  ref: StoreRef,
  ctx: Pick<TaskContext, 'allowedFolders' | 'allowedHosts' | 'signal'>,
): Promise<TestConnectionResult> {
  const store: OpenStore = {
    name: ref.linkedServiceName,
    address: ref.address,
    secret: null,
    allowedFolders: ctx.allowedFolders,
    allowedHosts: ctx.allowedHosts,
    signal: ctx.signal,
  }
  const open = () => AllowedFolder.open(store)
  const folder = ref.address.type === 'FileServer' ? ref.address.host : undefined
  return runConnectionSteps(
    [
      {
        step: 'policy',
        run: async () => `${await allowed(open, folder)} is allowed by the node's configuration`,
      },
      { step: 'permission', run: async () => rightsOf((await open()).root) },
    ],
    { store: ref.linkedServiceName, object: folder },
  )
}

/** A folder that is allowed but missing is no matter of policy: the next step says that it is not there. */
async function allowed(open: () => Promise<AllowedFolder>, folder: string | undefined): Promise<string> {
  try {
    return (await open()).root
  } catch (error) {
    if (folder !== undefined && isMissing(error)) return folder
    throw error
  }
}

async function rightsOf(root: string): Promise<string> {
  await access(root, constants.R_OK | constants.X_OK)
  const mayWrite = await access(root, constants.W_OK).then(
    () => true,
    () => false,
  )
  return mayWrite ? 'the node may read and write it' : 'the node may read it, but not write'
}

function browse(
  store: OpenStore,
  { path, filter }: { path: string[]; filter?: string | undefined },
): Promise<BrowseResult> {
  return explained(store, async () => {
    const folder = await AllowedFolder.open(store)
    const parent = path.join('/')
    const items: BrowseResult['items'] = []
    for (const item of await readFolder(await folder.resolve(parent), parent)) {
      const itemPath = joinPath(parent, item.name)
      const kind = isOwnName(item.name) ? null : await kindOf(folder, item, itemPath)
      if (kind === 'folder') items.push({ name: item.name, kind })
      const entry = kind === 'file' ? await fileEntry(folder, itemPath) : null
      if (entry)
        items.push({
          name: item.name,
          kind: 'file',
          sizeBytes: String(entry.sizeBytes),
          modifiedAt: entry.modifiedAt,
        })
    }
    return browseResult(items, filter)
  })
}

async function explained<T>(store: OpenStore, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw failureFrom(error, { store: store.name })
  }
}
