import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ContainerClient } from '@azure/storage-blob'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { type BlobEmulator, createContainer, startBlobEmulator } from '../../testing/blob-emulator.ts'
import { copySpec, createTestDatabase, runCopy, type TestDatabase } from '../../testing/copy-harness.ts'
import {
  blobStoreRef,
  createTestFolder,
  fileContext,
  filesSink,
  type TestFolder,
} from '../../testing/file-ends.ts'
import { tableSource } from '../../testing/table-ends.ts'

let database: TestDatabase
let folder: TestFolder
let emulator: BlobEmulator
let container: ContainerClient

beforeAll(async () => {
  database = await createTestDatabase(inject('postgresUrl'))
  folder = await createTestFolder()
  emulator = await startBlobEmulator()
  container = await createContainer(emulator, 'lake')
  // Pages that are nearly empty make a table of several parts out of few rows.
  await database.client.query(
    `CREATE TABLE wide (id int, text text) WITH (fillfactor = 10);
     INSERT INTO wide SELECT i, repeat(md5(i::text), 20) FROM generate_series(1, 5500) AS i; ANALYZE wide`,
  )
})
afterAll(async () => {
  await database.drop()
  await folder.remove()
  await emulator.stop()
})

test.each(['folder', 'blob'] as const)(
  'a %s that is overwritten by fewer parts holds one copy, and the receipt names what went',
  async (store) => {
    const end =
      store === 'blob'
        ? { store: blobStoreRef(emulator.address), container: 'lake', folder: 'out' }
        : { store: folder.store, folder: 'out' }
    const sink = filesSink(end, { format: 'csv', compression: 'none', writeBehavior: 'overwrite' })
    const copy = (table: string, parallelCopies: number) =>
      copySpec(
        { source: tableSource(database, table), sink },
        { options: { verification: 'stream', parallelCopies } },
      )
    const many = await runCopy(copy('wide', 3), fileContext([folder]))
    expect(many.plan.parts).toHaveLength(3)
    expect(many.receipt.checks.join()).not.toContain('earlier')
    const foreign = 'out/part-00007.csv'
    if (store === 'folder') await writeFile(join(folder.path, foreign), 'theirs')
    else await container.getBlockBlobClient(foreign).uploadData(Buffer.from('theirs'))
    const ctx = fileContext([folder])
    const { receipt } = await runCopy(copy('wide', 1), ctx)
    expect(receipt.filesWritten.map(({ path }) => path.replace('lake/', ''))).toEqual(['out/part.csv'])
    const words =
      '3 files of an earlier copy, which this one did not write again, were removed: out/part-00000.csv, out/part-00001.csv, out/part-00002.csv'
    expect(receipt.checks).toContain(words)
    expect(ctx.lines).toContain(`info: ${words}`)
    expect(await namesIn(store)).toEqual([foreign, 'out/part.csv'])
  },
  120_000,
)

async function namesIn(store: 'folder' | 'blob'): Promise<string[]> {
  const names: string[] = []
  if (store === 'blob') for await (const { name } of container.listBlobsFlat()) names.push(name)
  else names.push(...(await readdir(join(folder.path, 'out'))).map((name) => `out/${name}`))
  // A folder keeps the record of what was written beside the files, under a hidden name.
  return names.filter((name) => !name.includes('/.sallyport-')).toSorted()
}
