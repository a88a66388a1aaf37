import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { FileEntry, FileStore, StagedFile } from './connector.ts'
import { describeEarlierFiles } from './contract-earlier-files.ts'
import { stage, type StoreUnderTest } from './store-under-test.ts'

/** What every store of files must do alike. `open` gives an empty store for each test. */
export function describeFileStore(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name} as a store of files`, () => {
    describeListing(open)
    describeReading(open)
    describeStaging(open)
    describePublishing(open)
    describeEarlierFiles(open)
  })
}

function describeListing(open: () => Promise<StoreUnderTest>): void {
  it('lists what folder, wildcard and recursion select, sorted by path', async () => {
    const { store, container, put } = await open()
    for (const path of ['a/x.csv', 'a/y.csv', 'a/y.txt', 'a/b/z.csv', 'c.csv', 'ab/x.csv'])
      await put(path, path)
    const list = async (folder: string, fileName: string, recursive: boolean) =>
      (await store.list({ container, folder, fileName, recursive })).map(({ path }) => path)
    expect(await list('', '*', true)).toEqual([
      'a/b/z.csv',
      'a/x.csv',
      'a/y.csv',
      'a/y.txt',
      'ab/x.csv',
      'c.csv',
    ])
    expect(await list('a', '*.csv', true)).toEqual(['a/b/z.csv', 'a/x.csv', 'a/y.csv'])
    expect(await list('a', '*.csv', false)).toEqual(['a/x.csv', 'a/y.csv'])
    expect(await list('a', '?.txt', false)).toEqual(['a/y.txt'])
    expect(await list('', 'c.csv', false)).toEqual(['c.csv'])
    expect(await list('a', 'nothing*', true)).toEqual([])
  })

  it('keeps names with spaces, quotes, percent signs, ampersands and unicode', async () => {
    const { store, container, put } = await open()
    const paths = ['mit Leerzeichen/äöü 🚀.txt', 'a&b/<c>.txt', "100%/it's +1.txt", 'x=y;z/#1?.txt']
    for (const path of paths) await put(path, path)
    const entries = await store.list({ container, folder: '', fileName: '*', recursive: true })
    expect(entries.map(({ path }) => path)).toEqual(paths.toSorted())
    for (const entry of entries) expect((await readAll(store, container, entry)).toString()).toBe(entry.path)
  })

  it('says that a folder or path out of the store is none of its own', async () => {
    const { store, container } = await open()
    const list = store.list({ container, folder: '../etc', fileName: '*', recursive: true })
    await expect(list).rejects.toMatchObject({ code: 'policy_denied' })
  })
}

function describeReading(open: () => Promise<StoreUnderTest>): void {
  it('reads whole files, ranges, the rest from an offset, and empty files', async () => {
    const { store, container, put } = await open()
    const content = randomBytes(9_500_000)
    await put('big.bin', content)
    await put('empty.bin', '')
    const [big, empty] = await store.list({ container, folder: '', fileName: '*.bin', recursive: true })
    if (!big || !empty) throw new Error('listed')
    expect(big).toMatchObject({ path: 'big.bin', sizeBytes: content.length })
    expect((await readAll(store, container, big)).equals(content)).toBe(true)
    expect(await readAll(store, container, empty)).toHaveLength(0)
    const reader = await store.openReader(container, big)
    expect(Buffer.from(await reader.read(9_000_001, 7)).equals(content.subarray(9_000_001, 9_000_008))).toBe(
      true,
    )
    const rest: Uint8Array[] = []
    for await (const chunk of reader.stream(9_400_000)) rest.push(Buffer.from(chunk))
    expect(Buffer.concat(rest).equals(content.subarray(9_400_000))).toBe(true)
    const between: Uint8Array[] = []
    for await (const chunk of reader.stream(70_001, 9_300_001)) between.push(Buffer.from(chunk))
    expect(Buffer.concat(between).equals(content.subarray(70_001, 9_300_001))).toBe(true)
    await reader.close()
  })

  it('fails clearly when a file changes between listing and reading', async () => {
    const { store, container, put } = await open()
    await put('data.bin', 'first')
    const [entry] = await store.list({ container, folder: '', fileName: '*', recursive: true })
    if (!entry) throw new Error('listed')
    await put('data.bin', 'other')
    await expect(readAll(store, container, entry)).rejects.toMatchObject({ code: 'store_conflict' })
  })
}

function describeStaging(open: () => Promise<StoreUnderTest>): void {
  it('keeps a staged file out of sight until it is published, and reads it back', async () => {
    const { store, container, get } = await open()
    const runId = randomUUID()
    const content = randomBytes(9_000_000)
    const file = await stage({ store, container }, { path: 'out/part 1.parquet', content, runId })
    expect(file).toMatchObject({
      sizeBytes: content.length,
      md5: createHash('md5').update(content).digest('hex'),
    })
    expect(await get('out/part 1.parquet')).toBeNull()
    expect(await store.list({ container, folder: '', fileName: '*', recursive: true })).toEqual([])
    const reader = await store.openStagedReader(container, file)
    if (!reader) throw new Error('still staged')
    const chunks: Uint8Array[] = []
    for await (const chunk of reader.stream()) chunks.push(Buffer.from(chunk))
    await reader.close()
    expect(Buffer.concat(chunks).equals(content)).toBe(true)
    await store.publish({ container, runId, epoch: 9, replaces: {}, files: [file] })
    expect((await get('out/part 1.parquet'))?.equals(content)).toBe(true)
  })

  it('stages and publishes an empty file', async () => {
    const { store, container, get } = await open()
    const runId = randomUUID()
    const file = await stage({ store, container }, { path: 'empty', content: '', runId })
    await store.publish({ container, runId, epoch: 2, replaces: {}, files: [file] })
    expect(await get('empty')).toHaveLength(0)
  })

  it('leaves nothing behind after abort and after the removal of staging', async () => {
    const { store, container, put, everything } = await open()
    await put('out/kept.csv', 'kept')
    const runId = randomUUID()
    const target = { container, runId, part: 0, epoch: 1, index: 0, folder: 'out', path: 'out/gone' }
    const writer = await store.openStagedWriter(target)
    await writer.write(Buffer.from('half'))
    await writer.abort()
    expect(await everything()).toEqual(['out/kept.csv'])
    await stage({ store, container }, { path: 'out/a', content: 'a', runId, epoch: 1 })
    await stage({ store, container }, { path: 'out/deep/b', content: 'b', runId, epoch: 2, part: 1 })
    const other = await stage({ store, container }, { path: 'out/c', content: 'c', runId: randomUUID() })
    expect(await store.removeStaging({ container, runId, folder: 'out' })).toHaveLength(2)
    expect((await everything()).toSorted()).toEqual(['out/kept.csv', other.stagedPath].toSorted())
    expect(await store.removeStaging({ container, runId, folder: 'out' })).toEqual([])
  })
}

function describePublishing(open: () => Promise<StoreUnderTest>): void {
  it('appends beside other files and never replaces one', async () => {
    const { store, container, put, get } = await open()
    const runId = randomUUID()
    await put('out/taken', 'theirs')
    const check = (paths: string[]) => store.checkTargets({ container, writeBehavior: 'append', paths })
    await expect(check(['out/free', 'out/taken'])).rejects.toMatchObject({ code: 'already_exists' })
    const replaces = await check(['out/free'])
    const file = await stage({ store, container }, { path: 'out/free', content: 'ours', runId })
    await put('out/free', 'somebody was faster')
    const publish = store.publish({ container, runId, epoch: 3, replaces, files: [file] })
    await expect(publish).rejects.toMatchObject({ code: 'already_exists' })
    expect(String(await get('out/free'))).toBe('somebody was faster')
  })

  it('overwrites the version that it saw, and no other', async () => {
    const { store, container, put, get } = await open()
    await put('out/a', 'old')
    const replaces = await store.checkTargets({
      container,
      writeBehavior: 'overwrite',
      paths: ['out/a', 'out/b'],
    })
    expect(Object.keys(replaces)).toEqual(['out/a'])
    const runId = randomUUID()
    const file = await stage({ store, container }, { path: 'out/a', content: 'new', runId })
    await store.publish({ container, runId, epoch: 2, replaces, files: [file] })
    expect(String(await get('out/a'))).toBe('new')
    const later = await stage({ store, container }, { path: 'out/a', content: 'newer', runId: randomUUID() })
    const stale = store.publish({ container, runId: randomUUID(), epoch: 3, replaces, files: [later] })
    await expect(stale).rejects.toMatchObject({ code: 'store_conflict' })
    expect(String(await get('out/a'))).toBe('new')
  })

  it('reports the same when it publishes again after a lost answer', async () => {
    const { store, container, put, get, everything } = await open()
    await put('out/b', 'old')
    const paths = ['out/a', 'out/b']
    const replaces = await store.checkTargets({ container, writeBehavior: 'overwrite', paths })
    const runId = randomUUID()
    const files: StagedFile[] = []
    for (const [part, path] of paths.entries())
      files.push(await stage({ store, container }, { path, content: `new ${path}`, runId, part }))
    const request = { container, runId, epoch: 4, replaces, files }
    const first = await store.publish(request)
    expect(await store.publish({ ...request, epoch: 5 })).toEqual(first)
    expect(String(await get('out/a'))).toBe('new out/a')
    expect((await everything()).toSorted()).toEqual(paths)
  })

  it('never lets the late commit of an older epoch reach the final name', async () => {
    const { store, container, get, everything } = await open()
    const runId = randomUUID()
    const target = { container, runId, part: 0, index: 0, folder: 'out', path: 'out/part' }
    const paused = await store.openStagedWriter({ ...target, epoch: 1 })
    await paused.write(Buffer.from('of the paused owner'))
    const file = await stage(
      { store, container },
      { path: 'out/part', content: 'of its successor', runId, epoch: 2 },
    )
    await store.publish({ container, runId, epoch: 3, replaces: {}, files: [file] })
    await paused.commit('00')
    expect(String(await get('out/part'))).toBe('of its successor')
    await store.removeStaging({ container, runId, folder: 'out' })
    expect(await everything()).toEqual(['out/part'])
  })
}

async function readAll(store: FileStore, container: string | undefined, entry: FileEntry): Promise<Buffer> {
  const reader = await store.openReader(container, entry)
  try {
    const chunks: Uint8Array[] = []
    for await (const chunk of reader.stream()) chunks.push(Buffer.from(chunk))
    return Buffer.concat(chunks)
  } finally {
    await reader.close()
  }
}
