import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { DatasetDefinition } from '@/lib/datasets/schemas'
import type { PipelineDefinition } from '@/lib/pipelines/schemas'
import type { VerificationLevel } from '@/lib/protocol/copy-plan'
import { tableDataset } from '@/server/demo/definitions'
import { ensureDataset } from '@/server/stack/authoring'
import { createLineitem } from './lineitem'
import { duckdbParquet, psqlCopyIn, psqlCopyOut, psqlPipe, psqlTwoPipes, recreateSink } from './peers'
import { timeRun, type Workbench } from './workbench'

export const sinkTable = 'public.lineitem_copy'

/** One way to copy lineitem, by the product and by its peer. `prepare` runs before each, outside of the clock. */
export type Case = {
  name: string
  peerName: string
  /** Peer's time by ours must be at least this. */
  aim: number
  /** Bytes that the agent's processes may hold together. */
  memoryAimBytes: number
  prepare(bench: Workbench): Promise<void>
  ours(bench: Workbench, verification: VerificationLevel): Promise<number>
  peer: (bench: Workbench) => Promise<void>
  /** What the peer reaches on this machine where it is made to do the same by hand. */
  limit?: (bench: Workbench) => Promise<void>
}
type TypeProperties = PipelineDefinition['activities'][number]['typeProperties']

const passThroughBytes = 300e6
const parquetBytes = 512e6
const intoTable = { type: 'PostgreSqlV2Sink', writeBehavior: 'insert', tableOption: 'none' } as const
const fileSink = {
  storeSettings: { type: 'FileServerWriteSettings', writeBehavior: 'overwrite' },
  fileNamePrefix: 'lineitem',
} as const
const fileSource = { type: 'FileServerReadSettings', recursive: true } as const

export const cases: Case[] = [
  tableToTable({ name: 'PostgreSQL → PostgreSQL, one part', parallelCopies: 1, aim: 0.95 }),
  tableToTable({ name: 'PostgreSQL → PostgreSQL, two parts', parallelCopies: 2, aim: 1.25 }),
  {
    name: 'PostgreSQL → CSV file',
    peerName: 'psql \\copy to',
    aim: 0.95,
    memoryAimBytes: passThroughBytes,
    prepare: (bench) => emptyFolder(bench, 'csv'),
    ours: (bench, verification) =>
      runCopy(bench, 'to-csv', {
        source: { type: 'PostgreSqlV2Source' },
        sink: { type: 'DelimitedTextSink', ...fileSink },
        parallelCopies: 1,
        verification,
      }),
    peer: (bench) => psqlCopyOut(bench.source.url, join(bench.folder, 'peer.csv')),
  },
  {
    name: 'CSV file → PostgreSQL',
    peerName: 'psql \\copy from',
    aim: 0.95,
    memoryAimBytes: passThroughBytes,
    prepare: (bench) => recreateSink(bench.sink.url, sinkTable),
    ours: (bench, verification) =>
      runCopy(bench, 'from-csv', {
        source: { type: 'DelimitedTextSource', storeSettings: fileSource },
        sink: intoTable,
        verification,
      }),
    peer: (bench) => psqlCopyIn(join(bench.folder, 'csv-source', 'lineitem.csv'), bench.sink.url, sinkTable),
  },
  {
    name: 'PostgreSQL → Parquet file',
    peerName: 'DuckDB, from psql by a pipe',
    aim: 1,
    memoryAimBytes: parquetBytes,
    prepare: (bench) => emptyFolder(bench, 'parquet'),
    ours: (bench, verification) =>
      runCopy(bench, 'to-parquet', {
        source: { type: 'PostgreSqlV2Source' },
        sink: { type: 'ParquetSink', ...fileSink },
        verification,
      }),
    peer: (bench) => duckdbParquet(bench.source.url, join(bench.folder, 'peer.parquet')),
  },
]

/** The table that is copied, and the CSV file of the same rows that one case reads. */
export async function makeSources(bench: Workbench, rows: number): Promise<void> {
  console.log(`making lineitem with ${rows.toLocaleString('en')} rows`)
  await createLineitem(bench.source.url, rows)
  await emptyFolder(bench, 'csv-source')
  await psqlCopyOut(bench.source.url, join(bench.folder, 'csv-source', 'lineitem.csv'))
}

/** Datasets of every case, made once. */
export async function makeDatasets({ stack, place }: Workbench): Promise<void> {
  const linkedServiceName = { referenceName: 'files', type: 'LinkedServiceReference' } as const
  const csv = {
    columnDelimiter: ',',
    quoteChar: '"',
    firstRowAsHeader: true,
    nullValue: '',
    compressionCodec: 'none',
  } as const
  const definitions: Record<string, DatasetDefinition> = {
    lineitem: tableDataset('source', 'lineitem'),
    'lineitem-copy': tableDataset('sink', 'lineitem_copy'),
    'lineitem-to-csv': {
      type: 'DelimitedText',
      linkedServiceName,
      typeProperties: { ...inFolder('csv'), ...csv },
    },
    'lineitem-from-csv': {
      type: 'DelimitedText',
      linkedServiceName,
      typeProperties: { ...inFolder('csv-source'), ...csv },
    },
    'lineitem-to-parquet': {
      type: 'Parquet',
      linkedServiceName,
      typeProperties: { ...inFolder('parquet'), compressionCodec: 'zstd' },
    },
  }
  for (const [name, definition] of Object.entries(definitions))
    await ensureDataset(stack, place, { name, definition })
}

function tableToTable({
  name,
  parallelCopies,
  aim,
}: {
  name: string
  parallelCopies: number
  aim: number
}): Case {
  return {
    name,
    peerName: 'psql COPY binary | psql COPY binary',
    aim,
    memoryAimBytes: passThroughBytes,
    prepare: (bench) => recreateSink(bench.sink.url, sinkTable),
    ours: (bench, verification) =>
      runCopy(bench, 'to-table', {
        source: { type: 'PostgreSqlV2Source' },
        sink: intoTable,
        parallelCopies,
        verification,
      }),
    peer: (bench) => psqlPipe(bench.source.url, bench.sink.url, sinkTable),
    ...(parallelCopies > 1 && {
      limit: (bench) => psqlTwoPipes(bench.source.url, bench.sink.url, sinkTable),
    }),
  }
}

type Ends = 'to-table' | 'to-csv' | 'from-csv' | 'to-parquet'

function runCopy(bench: Workbench, ends: Ends, typeProperties: TypeProperties): Promise<number> {
  const input = ends === 'from-csv' ? 'lineitem-from-csv' : 'lineitem'
  const output = ends === 'to-csv' || ends === 'to-parquet' ? `lineitem-${ends}` : 'lineitem-copy'
  const { verification, parallelCopies = 0 } = typeProperties
  return timeRun(bench, `bench-${ends}-${verification}-${parallelCopies}`, {
    activities: [
      {
        name: 'copy',
        type: 'Copy',
        inputs: [{ referenceName: input, type: 'DatasetReference' }],
        outputs: [{ referenceName: output, type: 'DatasetReference' }],
        typeProperties,
      },
    ],
  })
}

async function emptyFolder(bench: Workbench, name: string): Promise<void> {
  await rm(join(bench.folder, name), { recursive: true, force: true })
  await mkdir(join(bench.folder, name), { recursive: true })
}

function inFolder(folderPath: string) {
  return { location: { type: 'FileServerLocation', folderPath } } as const
}
