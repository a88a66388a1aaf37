import { describe, expect, test } from 'vitest'
import { buildDefinitions, tryBuildDefinitions } from '@/lib/copy-wizard/definitions'
import type { WizardStore } from '@/lib/copy-wizard/draft'
import type { CopyDraft } from '@/lib/copy-wizard/draft-schema'
import { autoMapping, mappingLines } from '@/lib/copy-wizard/mapping'
import { aDraft, exports, lake, orders } from '@/lib/copy-wizard/test-draft'
import { DatasetDefinition } from '@/lib/datasets/schemas'
import { PipelineDefinition } from '@/lib/pipelines/schemas'

const build = (draft: CopyDraft, ...[source, sink]: [WizardStore, WizardStore]) =>
  buildDefinitions(draft, { source, sink }, { takenDatasets: [], lines: {} })

test('tryBuildDefinitions() says what a definition refuses', () => {
  const draft = aDraft({ sink: { linkedService: 'lake', container: 'lake', folder: 'x'.repeat(1025) } })
  const known = { takenDatasets: [], lines: {} }
  expect(tryBuildDefinitions(draft, { source: orders, sink: lake }, known)).toEqual({
    ok: false,
    problems: [expect.stringMatching(/^typeProperties\.location\.folderPath: .*1024/)],
  })
  expect(tryBuildDefinitions(aDraft(), { source: orders, sink: lake }, known).ok).toBe(true)
})

describe('buildDefinitions()', () => {
  test('makes two datasets and an activity out of a table and a folder', () => {
    expect(build(aDraft(), orders, lake)).toEqual({
      datasets: [
        {
          name: 'copy-flights-to-lake-source',
          definition: {
            type: 'PostgreSqlV2Table',
            linkedServiceName: { referenceName: 'orders-db', type: 'LinkedServiceReference' },
            typeProperties: { schema: 'public', table: 'flights' },
          },
        },
        {
          name: 'copy-flights-to-lake-sink',
          definition: {
            type: 'Parquet',
            linkedServiceName: { referenceName: 'lake', type: 'LinkedServiceReference' },
            typeProperties: {
              location: { type: 'AzureBlobStorageLocation', container: 'lake', folderPath: 'raw/flights' },
              compressionCodec: 'zstd',
            },
          },
        },
      ],
      pipeline: {
        name: 'copy-flights-to-lake',
        definition: {
          activities: [
            {
              name: 'Copy public.flights',
              type: 'Copy',
              inputs: [{ referenceName: 'copy-flights-to-lake-source', type: 'DatasetReference' }],
              outputs: [{ referenceName: 'copy-flights-to-lake-sink', type: 'DatasetReference' }],
              typeProperties: {
                source: { type: 'PostgreSqlV2Source' },
                sink: {
                  type: 'ParquetSink',
                  storeSettings: { type: 'AzureBlobStorageWriteSettings', writeBehavior: 'append' },
                  fileNamePrefix: 'part',
                },
                verification: 'stream',
              },
            },
          ],
        },
      },
    })
  })

  test('makes one activity per table, with names of its own even where datasets have them already', () => {
    const tables = ['a', 'b'].map((table) => ({ schema: 'public', table }))
    const draft = aDraft({ source: { linkedService: 'orders-db', tables }, name: 'nightly' })
    const { datasets, pipeline } = buildDefinitions(
      draft,
      { source: orders, sink: lake },
      { takenDatasets: ['Nightly-public-a-source'], lines: {} },
    )
    expect(datasets.map(({ name }) => name)).toEqual([
      'nightly-public-a-source-2',
      'nightly-public-a-sink',
      'nightly-public-b-source',
      'nightly-public-b-sink',
    ])
    expect(pipeline.definition.activities.map(({ name }) => name)).toEqual(['Copy public.a', 'Copy public.b'])
  })

  test('says mapping, upsert keys, parallel copies and verification in Data Factory’s words', () => {
    const draft = aDraft({
      sink: { linkedService: 'orders-db', schema: 'mart', table: 'flights' },
      options: { writeBehavior: 'upsert', verification: 'content', parallelCopies: '4' },
      keys: { '["public","flights"]': ['id'] },
    })
    const source = [
      { name: 'id', type: 'bigint' },
      { name: 'note', type: 'text' },
    ]
    const rows = autoMapping(source, { kind: 'new' }).map((row) => ({ ...row, include: row.source === 'id' }))
    const lines = { '["public","flights"]': mappingLines(rows, source, { kind: 'new' }) }
    const { pipeline } = buildDefinitions(
      draft,
      { source: orders, sink: orders },
      { takenDatasets: [], lines },
    )
    expect(pipeline.definition.activities[0]?.typeProperties).toEqual({
      source: { type: 'PostgreSqlV2Source' },
      sink: {
        type: 'PostgreSqlV2Sink',
        writeBehavior: 'upsert',
        tableOption: 'autoCreate',
        upsertSettings: { keys: ['id'] },
      },
      translator: {
        type: 'TabularTranslator',
        mappings: [{ source: { name: 'id' }, sink: { name: 'id' } }],
      },
      parallelCopies: 4,
      verification: 'content',
    })
  })

  test('brings a query with a dataset that names no table', () => {
    const source = { linkedService: 'orders-db', kind: 'query', query: ' select 1; ' }
    const { datasets, pipeline } = build(aDraft({ source, sink: { table: 'ones' } }), orders, orders)
    expect(datasets[0]?.definition.typeProperties).toEqual({})
    expect(pipeline.definition.activities[0]?.typeProperties.source).toEqual({
      type: 'PostgreSqlV2Source',
      query: 'select 1',
    })
  })

  test('reads a wildcard of CSV files, and copies a folder unchanged', () => {
    const csv = { delimiter: ';', quote: '"', header: true, nullText: 'NULL' }
    const place = { linkedService: 'lake', kind: 'files', container: 'in', folder: '/daily/' }
    const source = { ...place, fileName: '*.csv', format: 'csv', csv }
    const read = build(aDraft({ source, sink: { table: 'daily' } }), lake, orders)
    expect(read.datasets[0]?.definition.typeProperties).toEqual({
      location: { type: 'AzureBlobStorageLocation', container: 'in', folderPath: 'daily' },
      columnDelimiter: ';',
      quoteChar: '"',
      firstRowAsHeader: true,
      nullValue: 'NULL',
      compressionCodec: 'none',
    })
    expect(read.pipeline.definition.activities[0]?.typeProperties.source).toEqual({
      type: 'DelimitedTextSource',
      storeSettings: { type: 'AzureBlobStorageReadSettings', recursive: true, wildcardFileName: '*.csv' },
    })
    const binary = build(
      aDraft({ source: { ...place, format: 'binary' }, sink: { folder: 'copy' } }),
      lake,
      exports,
    )
    expect(binary.datasets.map(({ definition }) => definition.type)).toEqual(['Binary', 'Binary'])
    expect(binary.pipeline.definition.activities[0]?.typeProperties.sink).toEqual({
      type: 'BinarySink',
      storeSettings: { type: 'FileServerWriteSettings', writeBehavior: 'append' },
    })
  })

  test('gives what the schemas of datasets and pipelines accept unchanged', () => {
    const { datasets, pipeline } = build(aDraft(), orders, lake)
    for (const { definition } of datasets) expect(DatasetDefinition.parse(definition)).toEqual(definition)
    expect(PipelineDefinition.parse(pipeline.definition)).toEqual(pipeline.definition)
  })
})
