import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { copySpec, runCopy } from '../../testing/copy-harness.ts'
import { blobLake, databaseAndFolder } from '../../testing/file-copies.ts'
import { blobStoreRef, fileContext, filesSink } from '../../testing/file-ends.ts'
import { tableSource } from '../../testing/table-ends.ts'

const ends = databaseAndFolder()
const lake = blobLake()

beforeAll(async () => {
  // Pages that are nearly empty make a table of several parts out of few rows.
  await ends.database.client.query(
    `CREATE TABLE wide (id int, text text) WITH (fillfactor = 10);
     INSERT INTO wide SELECT i, repeat(md5(i::text), 20) FROM generate_series(1, 5500) AS i; ANALYZE wide`,
  )
})

test.each(['folder', 'blob'] as const)(
  'a %s that is overwritten by fewer parts holds one copy, and the receipt names what went',
  async (store) => {
    const end =
      store === 'blob'
        ? { store: blobStoreRef(lake.emulator.address), container: 'lake', folder: 'out' }
        : { store: ends.folder.store, folder: 'out' }
    const sink = filesSink(end, { format: 'csv', compression: 'none', writeBehavior: 'overwrite' })
    const copy = (table: string, parallelCopies: number) =>
      copySpec(
        { source: tableSource(ends.database, table), sink },
        { options: { verification: 'stream', parallelCopies } },
      )
    const many = await runCopy(copy('wide', 3), fileContext([ends.folder]))
    expect(many.plan.parts).toHaveLength(3)
    expect(many.receipt.checks.join()).not.toContain('earlier')
    const foreign = 'out/part-00007.csv'
    if (store === 'folder') await writeFile(join(ends.folder.path, foreign), 'theirs')
    else await lake.container.getBlockBlobClient(foreign).uploadData(Buffer.from('theirs'))
    const ctx = fileContext([ends.folder])
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
  if (store === 'blob') for await (const { name } of lake.container.listBlobsFlat()) names.push(name)
  else names.push(...(await readdir(join(ends.folder.path, 'out'))).map((name) => `out/${name}`))
  // A folder keeps the record of what was written beside the files, under a hidden name.
  return names.filter((name) => !name.includes('/.sallyport-')).toSorted()
}
