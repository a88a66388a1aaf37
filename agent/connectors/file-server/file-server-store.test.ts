import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { OpenStore } from '../connector.ts'
import { describeFileStore } from '../contract.ts'
import type { StoreUnderTest } from '../store-under-test.ts'
import { openFileServer } from './file-server-store.ts'

const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

async function newFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'sallyport-files-')))
  folders.push(folder)
  return folder
}

function openStore(host: string, allowedFolders: readonly string[] = [host]): OpenStore {
  const signal = new AbortController().signal
  return {
    name: 'share',
    address: { type: 'FileServer', host },
    secret: null,
    allowedFolders,
    allowedHosts: [],
    signal,
  }
}

async function folderStore(): Promise<StoreUnderTest> {
  const root = await newFolder()
  return {
    store: await openFileServer(openStore(root)),
    container: undefined,
    async put(path, content) {
      await mkdir(dirname(join(root, path)), { recursive: true })
      await writeFile(join(root, path), content)
    },
    get: (path) => readFile(join(root, path)).catch(() => null),
    async everything() {
      const items = await readdir(root, { recursive: true, withFileTypes: true })
      return items
        .filter((item) => item.isFile())
        .map((item) => relative(root, join(item.parentPath, item.name)))
    },
  }
}

describeFileStore('A folder', folderStore)

describe('the folders that a node allows', () => {
  it('opens a folder below an allowed one, and no other', async () => {
    const allowed = await newFolder()
    const other = await newFolder()
    await mkdir(join(allowed, 'lake'))
    await expect(openFileServer(openStore(join(allowed, 'lake'), [allowed]))).resolves.toBeDefined()
    for (const folder of [other, join(allowed, '..'), `${allowed}-not`, dirname(allowed), 'relative'])
      await expect(openFileServer(openStore(folder, [allowed]))).rejects.toMatchObject({
        code: 'policy_denied',
      })
    await expect(openFileServer(openStore(allowed, []))).rejects.toMatchObject({ code: 'policy_denied' })
  })

  it('does not follow a link out of them, neither as the folder nor inside it', async () => {
    const allowed = await newFolder()
    const secret = await newFolder()
    await writeFile(join(secret, 'key.txt'), 'secret')
    await symlink(secret, join(allowed, 'way-out'))
    await symlink(join(secret, 'key.txt'), join(allowed, 'key.txt'))
    await expect(openFileServer(openStore(join(allowed, 'way-out'), [allowed]))).rejects.toMatchObject({
      code: 'policy_denied',
    })
    const store = await openFileServer(openStore(allowed))
    expect(await store.list({ container: undefined, folder: '', fileName: '*', recursive: true })).toEqual([])
    const entry = { path: 'way-out/key.txt', sizeBytes: 6, modifiedAt: '' }
    await expect(store.openReader(undefined, entry)).rejects.toMatchObject({ code: 'policy_denied' })
    const target = {
      container: undefined,
      runId: 'r',
      part: 0,
      epoch: 1,
      index: 0,
      folder: '',
      path: 'way-out/new',
    }
    await expect(store.openStagedWriter(target)).rejects.toMatchObject({ code: 'policy_denied' })
    expect(await readdir(secret)).toEqual(['key.txt'])
  })

  it('says that a missing folder does not exist', async () => {
    const { store } = await folderStore()
    const list = store.list({ container: undefined, folder: 'nowhere', fileName: '*', recursive: true })
    await expect(list).rejects.toMatchObject({ code: 'not_found' })
  })

  it('says before the copy that a folder may not be written, or is a file', async () => {
    const { store, put } = await folderStore()
    await put('file', '')
    const check = store.checkTargets({ container: undefined, writeBehavior: 'append', paths: ['file/x'] })
    await expect(check).rejects.toMatchObject({ code: 'already_exists' })
  })
})
