import { execFile } from 'node:child_process'
import { chmod, chown, mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { CopySpec } from '../../lib/protocol/copy-plan.ts'
import {
  copySpec,
  createTestDatabase,
  nextEpoch,
  prepare,
  publish,
  runCopy,
  runPart,
  storeRef,
  type TestDatabase,
} from '../testing/copy-harness.ts'
import {
  createTestFolder,
  fileContext,
  filesSink,
  filesSource,
  type TestFolder,
} from '../testing/file-ends.ts'
import { inSmallChunks } from '../testing/many-rows.ts'
import { tableSink, tableSource } from '../testing/table-ends.ts'

const run = promisify(execFile)
let database: TestDatabase
let folder: TestFolder
let disk: string

const resize = (size: string) => run('mount', ['-o', `remount,size=${size}`, disk])
const many = () => tableSource(database, 'many')
const onDisk = () => ({ ...folder, store: storeRef({ type: 'FileServer', host: disk }), path: disk })

/** Only root may mount a disk that is small enough to be filled; `files-to-files.test.ts` asks the device that is always full. */
describe.runIf(process.getuid?.() === 0)('a full disk (as root)', () => {
  beforeAll(async () => {
    database = await createTestDatabase(inject('postgresUrl'))
    folder = await createTestFolder()
    disk = join(folder.path, 'disk')
    await mkdir(disk)
    await run('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk])
    await database.client.query(
      `CREATE TABLE many (id int, text text);
       INSERT INTO many SELECT i, repeat(md5(i::text), 20) FROM generate_series(1, 12000) AS i; ANALYZE many`,
    )
  })
  afterAll(async () => {
    try {
      await database.client.query('DROP TABLE IF EXISTS at_sink')
      await database.client.query('DROP TABLESPACE IF EXISTS small_disk')
      await database.drop()
    } finally {
      await run('umount', ['--lazy', disk])
      await folder.remove()
    }
  })

  test.each(['csv', 'jsonl', 'parquet'] as const)(
    'of a folder stops a copy to %s by its name, leaves nothing there, and a retry with space completes it',
    async (format) => {
      await resize('4m')
      const place = { store: onDisk().store, fileName: format }
      // Parquet would write the same text only once.
      const source = {
        kind: 'query',
        store: database.store,
        query: `SELECT id, ${distinctText} AS text FROM many`,
      } as const
      const copy = copySpec({ source, sink: filesSink(place, { format, compression: 'none' }) })
      const ctx = fileContext([onDisk()])
      const failure = await runCopy(copy, ctx).catch((error: unknown) => error)
      expect(failure).toMatchObject({ code: 'sink_full', side: 'sink', retryable: false })
      expect(String(failure)).toMatch(new RegExp(`${format}.*no space left on the device`))
      expect(await readdir(disk)).toEqual([])
      await resize('64m')
      const { receipt } = await runCopy(copy, ctx)
      expect(receipt.rowsWritten).toBe('12000')
      await run('find', [disk, '-type', 'f', '-delete'])
    },
    60_000,
  )

  test('of a folder stops a copy of files by its name too', async () => {
    await resize('4m')
    const source = filesSource({ store: folder.store, folder: 'in' }, 'binary')
    await mkdir(join(folder.path, 'in'))
    await run('cp', [process.execPath, join(folder.path, 'in', 'large')])
    const copy = copySpec({ source, sink: filesSink({ store: onDisk().store }, { format: 'binary' }) })
    const ctx = fileContext([folder, onDisk()])
    await expect(runCopy(copy, ctx)).rejects.toMatchObject({ code: 'sink_full', side: 'sink' })
    expect(await readdir(disk)).toEqual([])
  })

  test('of the PostgreSQL server stops a copy, which goes on from its checkpoint when there is space', async () => {
    await resize('4m')
    await makeTablespace()
    await database.client.query('CREATE TABLE at_sink (id int, text text) TABLESPACE small_disk')
    const sink = tableSink(database, 'at_sink', { createTable: false })
    const copy: CopySpec = copySpec({ source: many(), sink }, { options: { verification: 'stream' } })
    const ctx = fileContext()
    const plan = inSmallChunks(await prepare(copy, ctx), 100)
    const failure = await runPart({ copy, plan, index: 0 }, ctx).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'sink_full', side: 'sink', retryable: false })
    expect(String(failure)).toContain('public.at_sink')
    expect(String(failure)).toContain('the disk of the server is full')
    await resize('64m')
    const epoch = nextEpoch()
    const result = await runPart({ copy, plan, index: 0, epoch }, ctx)
    expect(Number(result.rowsResumed)).toBeGreaterThan(0)
    await publish({ copy, plan, results: [{ index: 0, epoch, result }] }, ctx)
    const { rows } = await database.client.query(
      `SELECT count(*)::int AS rows, count(DISTINCT id)::int AS ids, bool_and(text = repeat(md5(id::text), 20)) AS same FROM at_sink`,
    )
    expect(rows).toEqual([{ rows: 12_000, ids: 12_000, same: true }])
    await ctx.holder.releaseAll()
  }, 60_000)
})

const distinctText = `(SELECT string_agg(md5(many.id::text || i), '') FROM generate_series(1, 20) AS i)`

/** The server runs as another user than root: it must get to the folder, and own it. */
async function makeTablespace(): Promise<void> {
  const { rows } = await database.client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  const { uid, gid } = await stat(`/proc/${rows[0]?.pid}`)
  const place = join(disk, 'tablespace')
  await mkdir(place)
  await chown(place, uid, gid)
  for (const above of [folder.path, disk]) await chmod(above, 0o711)
  await database.client.query(`CREATE TABLESPACE small_disk LOCATION '${place}'`)
}
