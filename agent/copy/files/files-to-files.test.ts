import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { ContainerClient } from '@azure/storage-blob'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CopySink, CopySource } from '../../../lib/protocol/copy-plan.ts'
import { openLocalWriter } from '../../connectors/file-server/staged-writer.ts'
import { type BlobEmulator, createContainer, startBlobEmulator } from '../../testing/blob-emulator.ts'
import { copySpec, prepare, publish, runCopy, runParts } from '../../testing/copy-harness.ts'
import {
  blobStoreRef,
  createTestFolder,
  fileContext,
  filesSink,
  filesSource,
  type TestFolder,
} from '../../testing/file-ends.ts'

let from: TestFolder
let to: TestFolder
let emulator: BlobEmulator
let container: ContainerClient

const contents: Record<string, Buffer> = {
  'in/big.bin': randomBytes(9_000_000),
  'in/empty': Buffer.alloc(0),
  'in/sub folder/äöü 🚀 & co.txt': Buffer.from('text'),
  'in/sub folder/deep/er.txt': Buffer.from('deeper'),
}

beforeAll(async () => {
  from = await createTestFolder()
  to = await createTestFolder()
  emulator = await startBlobEmulator()
  container = await createContainer(emulator, 'files')
  for (const [path, content] of Object.entries(contents)) {
    await mkdir(dirname(join(from.path, path)), { recursive: true })
    await writeFile(join(from.path, path), content)
  }
})
afterAll(async () => {
  await from.remove()
  await to.remove()
  await emulator.stop()
})

const binary = (source: CopySource, sink: CopySink) => copySpec({ source, sink })
const folderSource = (folder = 'in') => filesSource({ store: from.store, folder }, 'binary')
const folderSink = (folder: string, writeBehavior: 'append' | 'overwrite' = 'append') =>
  filesSink({ store: to.store, folder }, { format: 'binary', writeBehavior })

async function filesBelow(folder: string): Promise<string[]> {
  const items = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = items
    .filter((item) => item.isFile())
    .map((item) => relative(folder, join(item.parentPath, item.name)))
  return files.toSorted()
}

describe('binary copies', () => {
  it('keep bytes, folders and odd names from folder to blob, blob to blob and back to a folder', async () => {
    const ctx = fileContext([from, to])
    const store = blobStoreRef(emulator.address)
    const blob = (folder: string) => ({ store, container: 'files', folder })
    const up = await runCopy(binary(folderSource(), filesSink(blob('lake'), { format: 'binary' })), ctx)
    expect(up.receipt).toMatchObject({ rowsRead: '4', bytesRead: '9000010', canonicalForm: 'bytes' })
    const across = binary(filesSource(blob('lake'), 'binary'), filesSink(blob('copy'), { format: 'binary' }))
    await runCopy(across, ctx)
    const down = await runCopy(binary(filesSource(blob('copy'), 'binary'), folderSink('back')), ctx)
    expect(await filesBelow(join(to.path, 'back'))).toEqual(
      Object.keys(contents)
        .map((path) => path.slice(3))
        .toSorted(),
    )
    for (const [path, content] of Object.entries(contents)) {
      expect((await readFile(join(to.path, 'back', path.slice(3)))).equals(content)).toBe(true)
      const properties = await container.getBlobClient(`lake/${path.slice(3)}`).getProperties()
      expect(Buffer.from(properties.contentMD5 ?? []).toString('hex')).toBe(
        createHash('md5').update(content).digest('hex'),
      )
    }
    expect(down.receipt.filesWritten.find(({ path }) => path.endsWith('big.bin'))?.md5).toBe(
      createHash('md5')
        .update(contents['in/big.bin'] ?? '')
        .digest('hex'),
    )
    const names: string[] = []
    for await (const found of container.listBlobsFlat()) names.push(found.name)
    expect(names.filter((name) => name.includes('_sallyport'))).toEqual([])
  })

  it('replace nothing when they append, and only what they saw when they overwrite', async () => {
    const ctx = fileContext([from, to])
    await runCopy(binary(folderSource(), folderSink('twice')), ctx)
    const again = runCopy(binary(folderSource(), folderSink('twice')), ctx)
    await expect(again).rejects.toMatchObject({ code: 'already_exists', side: 'sink' })
    await writeFile(join(from.path, 'in/empty'), '')
    const copy = binary(folderSource(), folderSink('twice', 'overwrite'))
    const plan = await prepare(copy, ctx)
    const results = await runParts(copy, plan, ctx)
    await writeFile(join(to.path, 'twice/empty'), 'somebody else')
    await expect(publish({ copy, plan, results }, ctx)).rejects.toMatchObject({ code: 'store_conflict' })
    expect(String(await readFile(join(to.path, 'twice/empty')))).toBe('somebody else')
    await runCopy(binary(folderSource(), folderSink('twice', 'overwrite')), ctx)
    expect(await readFile(join(to.path, 'twice/empty'))).toHaveLength(0)
  })

  it('fail clearly when a source file changes between planning and reading', async () => {
    const ctx = fileContext([from, to])
    await mkdir(join(from.path, 'moving'))
    await writeFile(join(from.path, 'moving/x'), 'one')
    const copy = binary(folderSource('moving'), folderSink('moved'))
    const plan = await prepare(copy, ctx)
    await writeFile(join(from.path, 'moving/x'), 'two')
    await expect(runParts(copy, plan, ctx)).rejects.toMatchObject({ code: 'store_conflict', side: 'source' })
    expect(await filesBelow(to.path).then((paths) => paths.filter((path) => path.includes('moved')))).toEqual(
      [],
    )
  })

  it('find a byte that was changed in staging before anything is published', async () => {
    const ctx = fileContext([from, to])
    const copy = binary(folderSource(), folderSink('planted'))
    const plan = await prepare(copy, ctx)
    const results = await runParts(copy, plan, ctx)
    const staged = (await filesBelow(to.path)).find((path) => path.includes('.big.bin.'))
    if (!staged) throw new Error('staged')
    const bytes = await readFile(join(to.path, staged))
    bytes[4_000_000] = (bytes[4_000_000] ?? 0) ^ 1
    await writeFile(join(to.path, staged), bytes)
    await expect(publish({ copy, plan, results }, ctx)).rejects.toMatchObject({ code: 'verification_failed' })
    expect((await filesBelow(to.path)).filter((path) => path === 'planted/big.bin')).toEqual([])
  })

  it('say that a format which holds rows is not copied as bytes, and that a file is not copied onto itself', async () => {
    const ctx = fileContext([from, to])
    const mixed = binary(folderSource(), filesSink({ store: to.store }, { format: 'csv' }))
    await expect(prepare(mixed, ctx)).rejects.toMatchObject({ code: 'type_unsupported' })
    const itself = binary(
      folderSource(),
      filesSink({ store: from.store, folder: 'in' }, { format: 'binary', writeBehavior: 'overwrite' }),
    )
    await expect(prepare(itself, ctx)).rejects.toMatchObject({ code: 'store_conflict', retryable: false })
  })

  it('call a full disk by its name and leave no partial file', async () => {
    // The device that is always full, behind a name that may be removed.
    const location = join(to.path, '.full.partial')
    await symlink('/dev/full', location)
    const target = { container: undefined, runId: 'r', part: 0, epoch: 1, index: 0, folder: '', path: 'full' }
    const writer = await openLocalWriter(location, target)
    await expect(writer.write(Buffer.alloc(100_000))).rejects.toMatchObject({
      code: 'sink_full',
      side: 'sink',
    })
    await writer.abort()
    expect(await readdir(to.path)).not.toContain('.full.partial')
  })
})
