import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { FileStore, OpenStore } from '../connector.ts'
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
  const { root, store } = await newStore()
  return {
    store,
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

async function newStore(): Promise<{ root: string; store: FileStore }> {
  const root = await newFolder()
  return { root, store: await openFileServer(openStore(root)) }
}

describe('the folders that a copy makes', () => {
  const runId = randomUUID()
  const container = undefined
  const start = (store: FileStore, path: string, run = runId) =>
    store.openStagedWriter({ container, runId: run, part: 0, epoch: 1, index: 0, folder: 'lake/out', path })

  it('go away with what was staged in them, but none that was there before', async () => {
    const { root, store } = await newStore()
    await mkdir(join(root, 'lake'))
    await (await start(store, 'lake/out/deep/er/a.csv')).abort()
    await (await start(store, 'lake/out/b.csv')).commit('')
    expect(await store.removeStaging({ container, runId, folder: 'lake/out' })).toHaveLength(1)
    expect(await readdir(root, { recursive: true })).toEqual(['lake'])
  })

  it('go away up to the first that was there before, on another node too', async () => {
    const { root, store } = await newStore()
    await (await start(store, 'lake/out/a.csv')).abort()
    const other = await openFileServer(openStore(root))
    expect(await other.list({ container, folder: 'lake', fileName: '*', recursive: true })).toEqual([])
    expect(await other.removeStaging({ container, runId, folder: 'lake/out' })).toEqual([])
    expect(await readdir(root)).toEqual([])
  })

  it('stay with what others have put there, and with what was published, without a mark', async () => {
    const { root, store } = await newStore()
    const writer = await start(store, 'lake/out/a.csv')
    await (await start(store, 'lake/out/sub/b.csv')).abort()
    await mkdir(join(root, 'lake/theirs'))
    const file = await writer.commit('')
    await store.publish({ container, runId, epoch: 1, replaces: {}, files: [file] })
    await store.removeStaging({ container, runId, folder: 'lake/out' })
    expect((await readdir(root, { recursive: true })).toSorted()).toEqual([
      'lake',
      'lake/out',
      'lake/out/a.csv',
      'lake/theirs',
    ])
  })

  it('are made again where another copy that made them cleans up meanwhile', async () => {
    const { root, store } = await newStore()
    const others = Array.from({ length: 20 }, () => randomUUID())
    for (const other of others) {
      await (await start(store, 'lake/out/other.csv', other)).abort()
      const cleaning = store.removeStaging({ container, runId: other, folder: 'lake/out' })
      const [writer] = await Promise.all([start(store, 'lake/out/mine.csv'), cleaning])
      await writer.abort()
      await store.removeStaging({ container, runId, folder: 'lake/out' })
    }
    for (const other of others) await store.removeStaging({ container, runId: other, folder: 'lake/out' })
    expect((await readdir(root, { recursive: true })).filter((name) => name.endsWith('.partial'))).toEqual([])
  })
})

describe('a file system that is none of a disk', () => {
  it('refuses a file whose size it does not say, instead of copying nothing', async () => {
    const store = await openFileServer(openStore('/proc'))
    const selection = { container: undefined, folder: '', fileName: 'version', recursive: false }
    const [entry] = await store.list(selection)
    if (!entry) throw new Error('listed')
    await expect(store.openReader(undefined, entry)).rejects.toMatchObject({ code: 'invalid_data' })
  })

  it.each(['file', 'new/folder/file'])('refuses to write %s, and does not try for ever', async (path) => {
    const store = await openFileServer(openStore('/proc'))
    const target = {
      container: undefined,
      runId: randomUUID(),
      part: 0,
      epoch: 1,
      index: 0,
      folder: '',
      path,
    }
    await expect(store.openStagedWriter(target)).rejects.toMatchObject({
      code: 'permission_denied',
      message: expect.stringContaining('choose another folder'),
    })
  })
})
