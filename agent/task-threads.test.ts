import { randomUUID } from 'node:crypto'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { CopyPlan, CopySpec } from '../lib/protocol/copy-plan.ts'
import { StagedFileResult } from './copy/files/staged-reading.ts'
import { TaskInHand } from './running-task.ts'
import { createThreads } from './task-threads.ts'
import {
  copySpec,
  createTestDatabase,
  nextEpoch,
  prepare,
  type Results,
  runParts,
  type TestContext,
  type TestDatabase,
} from './testing/copy-harness.ts'
import { createTestFolder, fileContext, filesSink, type TestFolder } from './testing/file-ends.ts'
import { tableSource } from './testing/table-ends.ts'
import { createWorkerPool, type WorkerPool } from './worker-pool.ts'

const files = 3
let source: TestDatabase
let folder: TestFolder
let ctx: TestContext
let pool: WorkerPool
let taken = 0

beforeAll(async () => {
  source = await createTestDatabase(inject('postgresUrl'))
  // More bytes than two parts take.
  await source.client.query(
    `CREATE TABLE wide AS SELECT i AS id, repeat(md5(i::text), 60) AS text FROM generate_series(1, 20000) AS i`,
  )
  folder = await createTestFolder()
  ctx = fileContext([folder])
  pool = createWorkerPool(() => new Worker(new URL('main.ts', import.meta.url), { env: {}, execArgv: [] }))
})
afterAll(async () => {
  await pool.close()
  await source.drop()
  await folder.remove()
})

type Staged = { copy: CopySpec; plan: CopyPlan; results: Results }

/** Three Parquet files that are written and not yet published. */
async function stage(name: string): Promise<Staged> {
  const sink = filesSink({ store: folder.store, folder: name, fileName: 'f' }, { format: 'parquet' })
  const copy = copySpec(
    { source: tableSource(source, 'wide'), sink },
    { options: { verification: 'content', parallelCopies: files } },
  )
  const plan = await prepare(copy, ctx)
  const results = await runParts(copy, plan, ctx)
  expect(results).toHaveLength(files)
  await ctx.holder.releaseAll()
  return { copy, plan, results }
}

/** Publishes in threads of the agent; `hasRoom` is asked before each file that another thread is to read. */
async function publish({ copy, plan, results }: Staged, hasRoom: (inHand: TaskInHand) => boolean) {
  const spec = { kind: 'publishCopy', copy, plan, results } as const
  const inHand = new TaskInHand({
    taskId: randomUUID(),
    epoch: nextEpoch(),
    leaseMs: 60_000,
    attempt: 1,
    spec,
  })
  inHand.renewed(process.hrtime.bigint(), 600_000)
  const keeper = {
    config: { allowedFolders: [folder.path], allowedHosts: [] },
    vault: ctx,
    snapshots: ctx.holder,
  }
  taken = 0
  const counting = {
    ...pool,
    take: () => {
      taken += 1
      return pool.take()
    },
  }
  const means = { pool: counting, confirm: async () => true, hasRoom: () => hasRoom(inHand) }
  const outcome = await createThreads(keeper, means).carryOut(inHand)
  expect(inHand.workers.size).toBe(0)
  return outcome
}

async function namesIn(name: string): Promise<string[]> {
  return readdir(join(folder.path, name)).then(
    (names) => names.filter((each) => each.endsWith('.parquet')),
    () => [],
  )
}

test('staged files are read again by as many threads as the node has room for', async () => {
  const slots: number[] = []
  const outcome = await publish(await stage('shared'), (inHand) => {
    slots.push(inHand.slots)
    return true
  })
  expect(outcome).toMatchObject({
    status: 'succeeded',
    output: { result: { rowsRead: '20000', rowsWritten: '20000', verification: 'content' } },
  })
  // Each thread that reads takes a slot.
  expect(slots[0]).toBe(1)
  expect(taken).toBeGreaterThan(1)
  expect(await namesIn('shared')).toHaveLength(files)
})

test('without a free slot one thread reads them all', async () => {
  let asked = 0
  const outcome = await publish(await stage('alone'), () => {
    asked += 1
    return false
  })
  expect(asked).toBeGreaterThan(0)
  expect(taken).toBe(1)
  expect(outcome).toMatchObject({ status: 'succeeded', output: { result: { rowsWritten: '20000' } } })
  expect(await namesIn('alone')).toHaveLength(files)
})

test.each([0, 1, 2])(
  'file %i, no matter who reads it, is not published when a byte differs',
  async (index) => {
    const staged = await stage(`spoiled-${index}`)
    const file = StagedFileResult.parse(staged.results[index]?.result.engine['file'])
    const path = join(folder.path, file.stagedPath)
    await writeFile(path, Buffer.from('x'), { flag: 'r+' })
    expect(await publish(staged, () => true)).toMatchObject({
      status: 'failed',
      failure: { code: 'verification_failed', side: 'sink' },
    })
    expect(await namesIn(`spoiled-${index}`)).toEqual([])
  },
)

test('a task that is stopped while others read for it ends, and so do they', async () => {
  const staged = await stage('stopped')
  const outcome = await publish(staged, (inHand) => {
    inHand.stop('cancelled')
    return true
  })
  expect(outcome).toEqual({ status: 'cancelled' })
  expect(await namesIn('stopped')).toEqual([])
})
