import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { to as copyTo } from 'pg-copy-streams'
import { beforeAll, expect, test } from 'vitest'
import type { CopyPlan, CopySpec } from '../../../lib/protocol/copy-plan.ts'
import type { StagedFile } from '../../connectors/connector.ts'
import {
  copySpec,
  prepare,
  publish,
  type Results,
  runParts,
  type TestContext,
} from '../../testing/copy-harness.ts'
import { blobLake, databaseAndFolder } from '../../testing/file-copies.ts'
import { blobStoreRef, fileContext, filesSink, filesSource } from '../../testing/file-ends.ts'
import { tableSource } from '../../testing/table-ends.ts'
import { TaskFailure } from '../failure.ts'
import { RowFilesEngine } from './row-files-engine.ts'
import type { FilesSink } from './row-format.ts'
import { rowFormatFor } from './row-formats.ts'

const ends = databaseAndFolder()
const lake = blobLake()

/** How many are planted per format, and at how many staged files at the same time. Requests to the emulator take their time: 1,000 in all. */
const plantedCounts = { folder: 1000, blob: 250 }
const lanes = 4
const seed = Math.floor(Math.random() * 2 ** 31)

/** What is wrong with the staged file. Only `bit` leaves its size and MD5 as the part reported them: the others are what a wrong writer would have reported. */
const planted = fc.record({
  kind: fc.constantFrom('bit', 'flip', 'drop', 'double', 'swap'),
  at: fc.nat(),
  other: fc.nat(),
  field: fc.nat(),
  bit: fc.nat(7),
})
type Planted = typeof planted extends fc.Arbitrary<infer Value> ? Value : never

const stores = ['folder', 'blob'] as const
type Store = (typeof stores)[number]
const formats = ['parquet', 'csv', 'jsonl', 'binary'] as const
type Format = (typeof formats)[number]

let ctx: TestContext

beforeAll(async () => {
  ctx = fileContext([ends.folder])
  await ends.database.client.query(
    `CREATE TABLE honest AS SELECT i AS id, 'name ' || i * 7 AS name, i / 8.0::float8 AS ratio,
     '2020-01-01 00:00+00'::timestamptz + i * interval '1 hour' AS at FROM generate_series(1, 60) AS i`,
  )
  await mkdir(join(ends.folder.path, 'in'))
  await writeFile(join(ends.folder.path, 'in', 'file.bin'), wholeBytes(2000))
})

test.each(
  formats.flatMap((format) => stores.map((store) => ({ format, store, count: plantedCounts[store] }))),
)(
  `content level catches each of $count corruptions planted in staged $format files in a $store (seed ${seed})`,
  async ({ format, store, count }) => {
    const all = fc.sample(planted, { numRuns: count, seed })
    const ready: Staged[] = []
    for (let lane = 0; lane < lanes; lane += 1) ready.push(await stage(format, store, lane))
    const caught = await Promise.all(
      ready.map(async (staged, lane) => {
        const missed: Planted[] = []
        const mine = all.filter((__, index) => index % lanes === lane)
        for (const each of mine) if (!(await isCaught(staged, each))) missed.push(each)
        expect(missed).toEqual([])
        // Nothing was published, and what was staged first is published without complaint.
        expect(await namesIn(store, `out/${format}-${lane}`)).toEqual([])
        await staged.put(staged.honest)
        await publish(staged, ctx)
        expect(await namesIn(store, `out/${format}-${lane}`)).toHaveLength(1)
        return mine.length
      }),
    )
    expect(caught.reduce((sum, part) => sum + part, 0)).toBe(count)
  },
  300_000,
)

type Staged = {
  copy: CopySpec
  plan: CopyPlan
  results: Results
  file: StagedFile
  honest: Buffer
  put: (bytes: Buffer) => Promise<void>
  /** The file with something wrong in its rows, or blocks of bytes where it has no rows. */
  spoil: (wrong: Planted) => Promise<Buffer>
}

/** A copy that is written and not yet published. */
async function stage(format: Format, store: Store, lane: number): Promise<Staged> {
  const place = { folder: `out/${format}-${lane}`, fileName: 'f' }
  const end =
    store === 'blob'
      ? { store: blobStoreRef(lake.emulator.address), container: 'lake', ...place }
      : { store: ends.folder.store, ...place }
  const compression = format === 'parquet' ? 'zstd' : 'none'
  const sink = filesSink(end, { format, compression })
  const source =
    format === 'binary'
      ? filesSource({ store: ends.folder.store, folder: 'in' }, 'binary')
      : tableSource(ends.database, 'honest')
  const copy = copySpec({ source, sink })
  const plan = await prepare(copy, ctx)
  const results = await runParts(copy, plan, ctx)
  const [first] = results
  if (!first) throw new Error('one part')
  const { file: only, files: [file = only] = [] } = first.result.engine as {
    file?: StagedFile
    files?: StagedFile[]
  }
  if (!file) throw new Error('a staged file')
  const put = (bytes: Buffer) => putStaged(store, { copy, file, bytes })
  const honest = await getStaged(store, file)
  if (format === 'binary')
    return { copy, plan, results, file, honest, put, spoil: async (wrong) => spoilBytes(honest, wrong) }
  const rows = await sourceRows(plan, sink)
  const encode = (spoiled: Row[]) => encodeRows(plan, sink, spoiled)
  expect((await encode(rows)).equals(honest)).toBe(true)
  return { copy, plan, results, file, honest, put, spoil: (wrong) => encode(spoilRows(rows, wrong)) }
}

async function isCaught(staged: Staged, wrong: Planted): Promise<boolean> {
  const { copy, plan, results, file, honest } = staged
  const bytes = wrong.kind === 'bit' ? flipped(honest, wrong) : await staged.spoil(wrong)
  expect(bytes.equals(honest)).toBe(false)
  await staged.put(bytes)
  const md5 = createHash('md5').update(bytes).digest('hex')
  const reported = wrong.kind === 'bit' ? file : { ...file, md5, sizeBytes: bytes.length }
  const [first] = results
  if (!first) throw new Error('one part')
  const engine = first.result.engine['file'] ? { file: reported } : { files: [reported] }
  const claimed = [{ ...first, result: { ...first.result, engine } }]
  const failure = await publish({ copy, plan, results: claimed }, ctx).catch((error: unknown) => error)
  return failure instanceof TaskFailure && failure.code === 'verification_failed' && failure.side === 'sink'
}

type Row = (Buffer | null)[]

/** The rows as the source's server sends them: fields of binary tuples, or of text without any escapes. */
async function sourceRows(plan: CopyPlan, sink: FilesSink): Promise<Row[]> {
  const { select } = RowFilesEngine.parse(plan.engine)
  const { copyFormat } = rowFormatFor(sink.format)
  const copy = copyTo(`COPY (SELECT ${select} FROM honest) TO STDOUT (FORMAT ${copyFormat})`)
  const bytes = Buffer.concat(await ends.database.client.query(copy).toArray())
  if (copyFormat === 'text')
    return String(bytes)
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t').map((field) => Buffer.from(field)))
  const rows: Row[] = []
  for (let at = 19; bytes.readInt16BE(at) > 0;) {
    const row: Row = []
    const count = bytes.readInt16BE(at)
    at += 2
    for (let field = 0; field < count; field += 1) {
      const length = bytes.readInt32BE(at)
      at += 4
      row.push(length < 0 ? null : bytes.subarray(at, at + Math.max(0, length)))
      at += Math.max(0, length)
    }
    rows.push(row)
  }
  return rows
}

async function encodeRows(plan: CopyPlan, sink: FilesSink, rows: Row[]): Promise<Buffer> {
  const { columns } = RowFilesEngine.parse(plan.engine)
  const format = rowFormatFor(sink.format)
  const out: Buffer[] = []
  const write = async (bytes: Uint8Array) => void out.push(Buffer.from(bytes))
  const encoder = format.createEncoder({ columns, options: sink, write })
  await encoder.write(Buffer.concat(rows.map(format.copyFormat === 'text' ? textRow : tuple)))
  await encoder.finish()
  return Buffer.concat(out)
}

function textRow(row: Row): Buffer {
  return Buffer.from(`${row.map((field) => field?.toString('latin1') ?? '').join('\t')}\n`, 'latin1')
}

function tuple(row: Row): Buffer {
  const head = Buffer.alloc(2)
  head.writeInt16BE(row.length)
  const fields = row.flatMap((field) => {
    const length = Buffer.alloc(4)
    length.writeInt32BE(field?.length ?? -1)
    return field ? [length, field] : [length]
  })
  return Buffer.concat([head, ...fields])
}

function spoilRows(rows: Row[], { kind, at, other, field, bit }: Planted): Row[] {
  const index = at % rows.length
  const row = rows[index] ?? []
  const column = field % row.length
  if (kind === 'drop') return rows.toSpliced(index, 1)
  if (kind === 'double') return rows.toSpliced(other % rows.length, 0, row)
  if (kind === 'flip') {
    const value = row[column] ?? Buffer.alloc(1)
    // The last byte: no value of these types becomes one that the encoder refuses.
    return rows.with(index, row.with(column, flipped(value, { at: value.length - 1, bit })))
  }
  // One value changes places with that of another row, so that each column as a whole stays as it was.
  const step = 1 + (other % (rows.length - 1))
  const partner = (index + step) % rows.length
  const theirs = rows[partner] ?? []
  const [mine, yours] = [row[column] ?? null, theirs[column] ?? null]
  return rows.with(index, row.with(column, yours)).with(partner, theirs.with(column, mine))
}

function flipped(bytes: Buffer, { at, bit }: Pick<Planted, 'at' | 'bit'>): Buffer {
  const copy = Buffer.from(bytes)
  const index = at % copy.length
  copy[index] = (copy[index] ?? 0) ^ (1 << bit)
  return copy
}

const blockBytes = 50
/** Every block of it is different. */
function wholeBytes(length: number): Buffer {
  return Buffer.from(
    Array.from({ length: length / 4 }, (_, index) => String(index).padStart(4, '0')).join(''),
  )
}

function spoilBytes(bytes: Buffer, wrong: Planted): Buffer {
  if (wrong.kind === 'flip') return flipped(bytes, wrong)
  const count = bytes.length / blockBytes
  const blocks: Row[] = Array.from({ length: count }, (_, index) => [
    bytes.subarray(index * blockBytes, (index + 1) * blockBytes),
  ])
  return Buffer.concat(spoilRows(blocks, wrong).flatMap((row) => row.filter((block) => block !== null)))
}

async function putStaged(
  store: Store,
  { copy, file, bytes }: { copy: CopySpec; file: StagedFile; bytes: Buffer },
): Promise<void> {
  if (store === 'folder') return writeFile(join(ends.folder.path, file.stagedPath), bytes)
  const blobContentMD5 = createHash('md5').update(bytes).digest()
  const metadata = { sallyport_run: copy.activityRunId }
  const options = { blobHTTPHeaders: { blobContentMD5 }, metadata }
  await lake.container.getBlockBlobClient(file.stagedPath).uploadData(bytes, options)
}

function getStaged(store: Store, { stagedPath }: StagedFile): Promise<Buffer> {
  return store === 'folder'
    ? readFile(join(ends.folder.path, stagedPath))
    : lake.container.getBlobClient(stagedPath).downloadToBuffer()
}

/** Names that a reader would find. */
async function namesIn(store: Store, place: string): Promise<string[]> {
  if (store === 'folder')
    return (await readdir(join(ends.folder.path, place))).filter((name) => !name.startsWith('.'))
  const names: string[] = []
  for await (const { name } of lake.container.listBlobsFlat({ prefix: `${place}/` })) names.push(name)
  return names.filter((name) => !name.includes('_sallyport'))
}
