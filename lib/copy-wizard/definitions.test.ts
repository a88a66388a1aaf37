import { describe, expect, test } from 'vitest'
import { draftProblems } from '@/lib/copy-wizard/checks'
import { sinkFormats, sinkRefusal } from '@/lib/copy-wizard/combinations'
import { plannedCopies } from '@/lib/copy-wizard/copies'
import { buildDefinitions } from '@/lib/copy-wizard/definitions'
import type { WizardStore } from '@/lib/copy-wizard/draft'
import { CopyDraft } from '@/lib/copy-wizard/draft-schema'
import { autoMapping, mappingLines } from '@/lib/copy-wizard/mapping'
import { activityNames, resourceName, uniqueNames } from '@/lib/copy-wizard/names'
import { reviewSentences } from '@/lib/copy-wizard/sentences'
import { DatasetDefinition } from '@/lib/datasets/schemas'
import { PipelineDefinition } from '@/lib/pipelines/schemas'
import { ResourceName } from '@/lib/protocol/scalars'

const runtime = { runtimeId: 'r1', runtimeName: 'plant-7' }
const orders: WizardStore = { id: '1', name: 'orders-db', type: 'PostgreSql', ...runtime }
const lake: WizardStore = { id: '2', name: 'lake', type: 'AzureBlobStorage', ...runtime }
const exports: WizardStore = { id: '3', name: 'exports', type: 'FileServer', ...runtime }
const far: WizardStore = { ...lake, id: '4', name: 'far', runtimeId: 'r2', runtimeName: 'plant-8' }
const stores = [orders, lake, exports, far]

type Changes = { [Part in keyof CopyDraft]?: Record<string, unknown> } & { name?: string }
function aDraft(changes: Record<string, unknown> = {}): CopyDraft {
  return CopyDraft.parse({
    source: { linkedService: 'orders-db', tables: [{ schema: 'public', table: 'flights' }] },
    sink: { linkedService: 'lake', container: 'lake', folder: 'raw/{table}' },
    ...changes,
  } satisfies Changes)
}
const build = (draft: CopyDraft, ...[source, sink]: [WizardStore, WizardStore]) =>
  buildDefinitions(draft, { source, sink }, { takenDatasets: [], lines: {} })
const problems = (draft: CopyDraft, facts: Partial<Parameters<typeof draftProblems>[1]> = {}) =>
  draftProblems(draft, { stores, takenPipelines: [], lines: {}, ...facts }).map(
    ({ field, message }) => `${field}: ${message}`,
  )

type Source = CopyDraft['source']
function from(kind: Source['kind'], format: Source['format'], store: WizardStore) {
  return { kind, format, store }
}
function offered(kind: Source['kind']) {
  return sinkFormats({ kind, format: 'binary' }).flatMap(({ value, refusal }) => (refusal ? [] : [value]))
}

describe('sinkRefusal() and sinkFormats() offer what the engine does', () => {
  test.each([
    [from('tables', 'parquet', orders), ['orders-db', 'lake', 'exports']],
    [from('query', 'csv', orders), ['orders-db', 'lake', 'exports']],
    [from('files', 'csv', lake), ['orders-db']],
    [from('files', 'jsonl', exports), ['orders-db']],
    [from('files', 'parquet', lake), ['orders-db']],
    [from('files', 'binary', lake), ['lake', 'exports']],
  ])('%j', (source, sinks) => {
    const taken = stores.filter((store) => sinkRefusal(source, store) === null).map(({ name }) => name)
    expect(taken).toEqual(sinks)
  })

  test('a store behind another runtime is refused with both names', () => {
    expect(sinkRefusal(from('tables', 'parquet', orders), far)).toBe(
      'It connects via plant-8, the source via plant-7. A copy runs on one runtime',
    )
  })

  test('tables become files that hold rows, files stay binary', () => {
    expect([offered('tables'), offered('files')]).toEqual([['parquet', 'csv', 'jsonl'], ['binary']])
  })
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

describe('draftProblems()', () => {
  test('finds nothing in a finished draft, and the first step of an empty one', () => {
    expect(problems(aDraft())).toEqual([])
    expect(problems(CopyDraft.parse({}))).toEqual([
      'source.linkedService: Choose where to copy from',
      'sink.linkedService: Choose where to copy to',
    ])
  })

  test.each([
    [
      { source: { linkedService: 'gone' } },
      'source.linkedService: The linked service "gone" does not exist any more',
    ],
    [
      { source: { linkedService: 'orders-db', kind: 'query' } },
      'source.query: Enter the query whose rows are copied',
    ],
    [
      { sink: { linkedService: 'far', container: 'lake' } },
      'sink.linkedService: It connects via plant-8, the source via plant-7. A copy runs on one runtime',
    ],
    [
      { sink: { linkedService: 'lake', container: 'Lake' } },
      'sink.container: Use 3 to 63 lower-case letters, digits and single hyphens',
    ],
    [
      { sink: { linkedService: 'orders-db' } },
      'sink.table: public.flights would be copied onto itself. Choose another name or schema',
    ],
    [
      { sink: { linkedService: 'lake', container: 'lake', folder: '{day}' } },
      'sink.folder: Only {table} and {schema} are replaced',
    ],
    [
      { options: { parallelCopies: '0' } },
      'options.parallelCopies: Use a whole number from 1 to 256, or leave it empty',
    ],
    [
      { options: { writeBehavior: 'upsert' } },
      'options.writeBehavior: Files have no keys: only a table can be changed row by row',
    ],
    [{ name: 'a--b' }, 'name: Use single hyphens only'],
  ])('%j', (changes, problem) => {
    expect(problems(aDraft(changes))).toContain(problem)
  })

  test('tells tables of one name in two schemas apart', () => {
    const tables = ['a', 'b'].map((schema) => ({ schema, table: 'orders' }))
    const source = { linkedService: 'orders-db', tables }
    const sink = { linkedService: 'orders-db', schema: 'mart' }
    expect(problems(aDraft({ source, sink }))).toEqual([
      'sink.table: Two tables would go to "orders". Add {schema}_ before {table}',
    ])
    expect(problems(aDraft({ source, sink: { ...sink, table: '{schema}_{table}' } }))).toEqual([])
  })

  test('wants upsert keys that are copied', () => {
    const sink = { linkedService: 'orders-db', schema: 'mart' }
    const options = { writeBehavior: 'upsert' }
    const key = '["public","flights"]'
    expect(problems(aDraft({ sink, options }))).toEqual([
      `keys.${key}: Choose the key columns of public.flights`,
    ])
    const source = [{ name: 'id', type: 'bigint' }]
    const lines = { [key]: mappingLines(autoMapping(source, { kind: 'new' }), source, { kind: 'new' }) }
    expect(problems(aDraft({ sink, options, keys: { [key]: ['no'] } }), { lines })).toEqual([
      `keys.${key}: The key "no" of public.flights is not copied`,
    ])
  })

  test('knows a pipeline’s name that is taken', () => {
    expect(problems(aDraft({ name: 'nightly' }), { takenPipelines: ['Nightly'] })).toEqual([
      'name: A pipeline "nightly" exists already. Choose another name',
    ])
  })
})

test('reviewSentences() says in words what will happen', () => {
  expect(reviewSentences(aDraft(), { source: orders, sink: lake }, {})).toEqual([
    'Copies the table public.flights of orders-db to lake/lake/raw/flights as Parquet, compressed with zstd.',
    'Append: files are added; one of the same name stops the copy before it begins.',
    'Every column goes by its name, with its natural type.',
    'Verification stream: besides, every row as read equals the row as handed to the sink, by digest. Costs a few percent.',
    'As many parts at once as the nodes of plant-7 have free slots.',
  ])
})

describe('names', () => {
  test.each(['Ærø & flights_3m', '--', 'x', 'a'.repeat(90), 'Zażółć'])(
    'resourceName() makes a legal name of %s',
    (text) => {
      expect(ResourceName.safeParse(resourceName(text, '')).success).toBe(true)
      expect(ResourceName.safeParse(resourceName(text, '-source')).success).toBe(true)
    },
  )

  test('uniqueNames() and activityNames() tell the doubled apart within their limits', () => {
    const long = { text: 'a'.repeat(90), ending: '-sink' }
    const names = uniqueNames([long, long], [])
    expect(new Set(names).size).toBe(2)
    for (const name of names) expect(ResourceName.safeParse(name).success).toBe(true)
    const tables = ['x', 'y'].map((end) => ({ schema: 'public', table: `${'t'.repeat(60)}${end}` }))
    const copies = plannedCopies(aDraft({ source: { tables } }), { sink: lake })
    expect(activityNames(copies).map((name) => name.length)).toEqual([55, 55])
    expect(new Set(activityNames(copies)).size).toBe(2)
  })
})
