import { describe, expect, test } from 'vitest'
import { DatasetDefinition } from '@/lib/datasets/schemas'
import { CopyActivity } from '@/lib/pipelines/schemas'
import type { StoreAddress } from '@/lib/protocol/stores'
import { resolveCopy } from '@/lib/runs/resolve/resolve-copy'
import type { Definitions } from '@/lib/runs/resolve/resolve-end'

const ids = {
  pipelineRunId: '00000000-0000-4000-8000-000000000001',
  activityRunId: '00000000-0000-4000-8000-000000000002',
}
const runtimeId = '00000000-0000-4000-8000-0000000000ff'
const addresses: Record<'warehouse' | 'lake' | 'disk', StoreAddress> = {
  warehouse: { type: 'PostgreSql', host: 'db', port: 5432, database: 'd', username: 'u', sslMode: 'require' },
  lake: {
    type: 'AzureBlobStorage',
    serviceEndpoint: 'https://lake.example.com',
    authenticationType: 'AccountKey',
    accountName: 'lake',
  },
  disk: { type: 'FileServer', host: '/data' },
}

function definitions(datasets: Record<string, unknown>): Definitions {
  const stores = Object.entries(addresses).map(([name, address], index) => ({
    id: `00000000-0000-4000-8000-00000000001${index}`,
    name,
    runtimeId,
    runtimeName: 'plant',
    address,
    credentialVersion: name === 'disk' ? 0 : 1,
  }))
  return {
    linkedServices: stores,
    datasets: Object.entries(datasets).map(([name, raw]) => {
      const definition = DatasetDefinition.parse(raw)
      const store = stores.find((one) => one.name === definition.linkedServiceName.referenceName)
      return { name, linkedServiceId: store?.id ?? '', definition }
    }),
  }
}

const inStore = (name: string) => ({
  linkedServiceName: { referenceName: name, type: 'LinkedServiceReference' },
})
const blob = (more: object = {}) => ({
  type: 'AzureBlobStorageLocation',
  container: 'lake',
  folderPath: 'flights',
  ...more,
})
const datasets = {
  table: {
    type: 'PostgreSqlV2Table',
    ...inStore('warehouse'),
    typeProperties: { schema: 'public', table: 'flights' },
  },
  database: { type: 'PostgreSqlV2Table', ...inStore('warehouse'), typeProperties: {} },
  parquet: { type: 'Parquet', ...inStore('lake'), typeProperties: { location: blob() } },
  csv: {
    type: 'DelimitedText',
    ...inStore('disk'),
    typeProperties: {
      location: { type: 'FileServerLocation', folderPath: 'in' },
      columnDelimiter: ';',
      compressionCodec: 'gzip',
    },
  },
  bytes: { type: 'Binary', ...inStore('lake'), typeProperties: { location: blob({ fileName: 'a.bin' }) } },
  misplaced: { type: 'Parquet', ...inStore('warehouse'), typeProperties: { location: blob() } },
}

const reference = (referenceName: string) => [{ referenceName, type: 'DatasetReference' }]

function copy(input: string, output: string, typeProperties: Record<string, unknown>) {
  const activity = CopyActivity.parse({
    name: 'flights',
    type: 'Copy',
    inputs: reference(input),
    outputs: reference(output),
    typeProperties,
  })
  return resolveCopy(activity, definitions(datasets), ids)
}

const fromTable = { type: 'PostgreSqlV2Source' }
const toTable = { type: 'PostgreSqlV2Sink' }
const blobRead = { type: 'AzureBlobStorageReadSettings' }
const blobWrite = { type: 'AzureBlobStorageWriteSettings' }
const toParquet = { type: 'ParquetSink', storeSettings: blobWrite, fileNamePrefix: 'flights' }

describe('resolveCopy()', () => {
  test('a table to Parquet blobs, with mapping and options', () => {
    const translator = {
      type: 'TabularTranslator',
      mappings: [{ source: { name: 'id' }, sink: { name: 'key', type: 'bigint' } }],
    }
    const { spec } = copy('TABLE', 'parquet', {
      source: fromTable,
      sink: toParquet,
      translator,
      parallelCopies: 4,
      verification: 'content',
    })
    expect(spec).toMatchObject({
      ...ids,
      source: { kind: 'table', schema: 'public', table: 'flights' },
      sink: {
        kind: 'files',
        container: 'lake',
        folder: 'flights',
        fileName: 'flights',
        format: 'parquet',
        compression: 'zstd',
        writeBehavior: 'overwrite',
      },
      mapping: [{ source: 'id', sink: 'key', sinkType: 'bigint' }],
      options: { verification: 'content', parallelCopies: 4 },
    })
  })

  test('a query; files by wildcard with their CSV options; one file as it is', () => {
    const queried = copy('database', 'parquet', {
      source: { ...fromTable, query: 'select 1' },
      sink: toParquet,
    })
    expect(queried.spec.source).toMatchObject({ kind: 'query', query: 'select 1' })
    const read = { type: 'FileServerReadSettings', wildcardFileName: '*.csv', recursive: false }
    const { spec } = copy('csv', 'table', {
      source: { type: 'DelimitedTextSource', storeSettings: read },
      sink: { ...toTable, writeBehavior: 'upsert', upsertSettings: { keys: ['id'] } },
    })
    expect(spec.source).toMatchObject({
      fileName: '*.csv',
      recursive: false,
      format: 'csv',
      csv: { delimiter: ';', quote: '"', header: true, nullText: '' },
    })
    expect(spec.sink).toMatchObject({ writeBehavior: 'upsert', keys: ['id'], createTable: true })
    const binary = copy('bytes', 'bytes', {
      source: { type: 'BinarySource', storeSettings: blobRead },
      sink: { type: 'BinarySink', storeSettings: blobWrite },
    })
    expect(binary.spec.source).toMatchObject({ fileName: 'a.bin', format: 'binary' })
  })

  const refusals: [string, () => unknown, RegExp][] = [
    [
      'a dataset that is not there',
      () => copy('nowhere', 'parquet', { source: fromTable, sink: toParquet }),
      /activity "flights": its input dataset "nowhere" does not exist/,
    ],
    [
      'a source of another type than its dataset',
      () => copy('parquet', 'parquet', { source: fromTable, sink: toParquet }),
      /PostgreSqlV2Source needs a dataset of type PostgreSqlV2Table, but "parquet" is of type Parquet/,
    ],
    [
      'a dataset in the wrong kind of store',
      () =>
        copy('misplaced', 'table', {
          source: { type: 'ParquetSource', storeSettings: blobRead },
          sink: toTable,
        }),
      /belongs in a store of type AzureBlobStorage, but its linked service "warehouse" is of type PostgreSql/,
    ],
    [
      'a whole database as source',
      () => copy('database', 'parquet', { source: fromTable, sink: toParquet }),
      /the dataset "database" names no table/,
    ],
    [
      'an upsert without keys',
      () => copy('table', 'table', { source: fromTable, sink: { ...toTable, writeBehavior: 'upsert' } }),
      /needs at least one key column/,
    ],
    [
      'bytes into columns',
      () =>
        copy('bytes', 'table', { source: { type: 'BinarySource', storeSettings: blobRead }, sink: toTable }),
      /a binary source needs a binary sink/,
    ],
  ]
  test.each(refusals)('refuses %s', (_what, attempt, words) => {
    expect(attempt).toThrow(words)
  })
})
