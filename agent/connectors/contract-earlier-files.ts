import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import type { StagedFile } from './connector.ts'
import { stage, type StoreUnderTest } from './store-under-test.ts'

/** What becomes of the files of earlier copies. */
export function describeEarlierFiles(open: () => Promise<StoreUnderTest>): void {
  const family = { folder: 'out', name: 'part', format: 'csv' }
  type Run = { paths: readonly string[]; writeBehavior?: 'append' | 'overwrite' }

  /** A copy that writes these paths, up to its publish request. */
  async function written({ store, container }: StoreUnderTest, { paths, writeBehavior = 'overwrite' }: Run) {
    const replaces = await store.checkTargets({ container, writeBehavior, paths })
    const search = { container, family, paths }
    const obsolete = writeBehavior === 'overwrite' ? await store.findEarlier(search) : {}
    const runId = randomUUID()
    const files: StagedFile[] = []
    for (const [part, path] of paths.entries())
      files.push(await stage({ store, container }, { path, content: runId, runId, part }))
    return { container, runId, epoch: 9, replaces, files, earlier: { family, writeBehavior, obsolete } }
  }
  const many = ['out/part-00000.csv', 'out/part-00001.csv', 'out/part-00002.csv']

  it('leaves no file of a larger earlier copy between those of an overwrite', async () => {
    const under = await open()
    await under.store.publish(await written(under, { paths: many, writeBehavior: 'append' }))
    const two = await under.store.publish(await written(under, { paths: many.slice(0, 2) }))
    expect(two.removed).toEqual(['out/part-00002.csv'])
    expect(await visible(under)).toEqual(many.slice(0, 2))
    const packed = await under.store.publish(await written(under, { paths: ['out/part.csv.gz'] }))
    expect(packed.removed).toEqual(many.slice(0, 2))
    expect(await visible(under)).toEqual(['out/part.csv.gz'])
  })

  it('keeps what others wrote, what they changed, and what has another name', async () => {
    const under = await open()
    const { store, container, put, get } = under
    await store.publish(await written(under, { paths: many }))
    await put('out/part-00001.csv', 'edited by hand')
    const foreign = [
      'out/part-00009.csv',
      'out/part-1.csv',
      'out/part-00009.csv.bak',
      'out/partner-00000.csv',
      'out/deep/part-00003.csv',
      'part-00003.csv',
      'out/part-00003.parquet',
    ]
    for (const path of foreign) await put(path, 'theirs')
    const request = await written(under, { paths: many.slice(0, 1) })
    // Changed between planning and publishing: it is theirs from then on.
    await put('out/part-00002.csv', 'edited later')
    expect((await store.publish(request)).removed).toEqual([])
    for (const path of foreign) expect(String(await get(path))).toBe('theirs')
    expect(String(await get('out/part-00001.csv'))).toBe('edited by hand')
    expect(String(await get('out/part-00002.csv'))).toBe('edited later')
    const search = { container, family, paths: [] }
    expect(Object.keys(await store.findEarlier(search))).toEqual(['out/part-00000.csv'])
  })

  it('removes the files of a copy that was published and never finished, and says the same again', async () => {
    const under = await open()
    await under.store.publish(await written(under, { paths: many.slice(0, 1) }))
    // Dies while it publishes: its first file stands, the second is somebody's obstacle.
    const broken = await written(under, { paths: many.slice(1) })
    await under.put('out/part-00002.csv', 'in the way')
    await expect(under.store.publish(broken)).rejects.toMatchObject({ code: 'already_exists' })
    const request = await written(under, { paths: ['out/part.csv'] })
    const first = await under.store.publish(request)
    expect(first.removed).toEqual(many.slice(0, 2))
    expect(await under.store.publish({ ...request, epoch: 10 })).toEqual(first)
    await under.store.removeStaging({ container: under.container, runId: broken.runId, folder: 'out' })
    expect(await visible(under)).toEqual(['out/part-00002.csv', 'out/part.csv'])
  })
}

async function visible({ store, container }: StoreUnderTest): Promise<string[]> {
  const entries = await store.list({ container, folder: '', fileName: '*', recursive: true })
  return entries.map(({ path }) => path)
}
