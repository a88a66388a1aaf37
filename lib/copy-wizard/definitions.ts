import {
  type PlannedCopy,
  plannedCopies,
  isBinaryCopy,
  isWildcard,
  trimSlashes,
} from '@/lib/copy-wizard/copies'
import type { CopyDraft, MappingRow, WizardStore } from '@/lib/copy-wizard/draft'
import { type MappingFacts, mappingRows, toColumnMapping } from '@/lib/copy-wizard/mapping'
import { activityNames, pipelineNameOf, uniqueNames } from '@/lib/copy-wizard/names'
import { DatasetDefinition } from '@/lib/datasets/schemas'
import { type CopyActivity, PipelineDefinition } from '@/lib/pipelines/schemas'
import type { FileFormat } from '@/lib/protocol/copy-plan'
import { z } from 'zod'

export type CopyDefinitions = {
  datasets: { name: string; definition: DatasetDefinition }[]
  pipeline: { name: string; definition: PipelineDefinition }
}
type BothStores = { source: WizardStore; sink: WizardStore }

/** What a finished draft becomes: two datasets and an activity per copy, in one pipeline. Throws where the draft is not finished. */
export function buildDefinitions(
  draft: CopyDraft,
  stores: BothStores,
  known: { takenDatasets: readonly string[]; lines: MappingFacts },
): CopyDefinitions {
  const copies = plannedCopies(draft, stores)
  const pipelineName = pipelineNameOf(draft, stores)
  const names = uniqueNames(
    copies.flatMap((copy) => {
      const text = copies.length === 1 ? pipelineName : `${pipelineName}-${copy.label}`
      return [
        { text, ending: '-source' },
        { text, ending: '-sink' },
      ]
    }),
    known.takenDatasets,
  )
  const activities = activityNames(copies)
  const built = copies.map((copy, index) => {
    const [input = '', output = ''] = names.slice(2 * index)
    return {
      datasets: [
        { name: input, definition: DatasetDefinition.parse(sourceDataset(draft, copy, stores)) },
        { name: output, definition: DatasetDefinition.parse(sinkDataset(draft, copy, stores)) },
      ],
      activity: activity(draft, copy, {
        name: activities[index] ?? '',
        references: [input, output],
        rows: mappingRows(draft, known.lines, copy.key),
        stores,
      }),
    }
  })
  return {
    datasets: built.flatMap(({ datasets }) => datasets),
    pipeline: {
      name: pipelineName,
      definition: PipelineDefinition.parse({ activities: built.map((one) => one.activity) }),
    },
  }
}

export type BuiltDefinitions =
  | { ok: true; definitions: CopyDefinitions }
  | { ok: false; problems: readonly string[] }

/** The same without throwing: what a definition refuses beyond the draft's own checks must not take the page away. */
export function tryBuildDefinitions(...input: Parameters<typeof buildDefinitions>): BuiltDefinitions {
  try {
    return { ok: true, definitions: buildDefinitions(...input) }
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error
    return { ok: false, problems: error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) }
  }
}

function sourceDataset(draft: CopyDraft, copy: PlannedCopy, { source: store }: BothStores): unknown {
  const { source } = draft
  if (copy.source.kind === 'table') return tableDataset(store, copy.source.table)
  if (copy.source.kind === 'query') return tableDataset(store, {})
  const place = { container: source.container, folder: source.folder, compression: 'none' as const }
  return fileDataset(store, source, {
    ...place,
    ...(source.fileName && !isWildcard(source.fileName) ? { fileName: source.fileName.trim() } : {}),
  })
}

function sinkDataset(draft: CopyDraft, copy: PlannedCopy, { sink: store }: BothStores): unknown {
  if (copy.sink.kind === 'table')
    return tableDataset(store, { schema: copy.sink.schema, table: copy.sink.table })
  const { container, compression } = draft.sink
  const format = isBinaryCopy(draft) ? 'binary' : draft.sink.format
  return fileDataset(store, { ...draft.sink, format }, { container, folder: copy.sink.folder, compression })
}

function tableDataset(store: WizardStore, typeProperties: { schema?: string; table?: string }) {
  return { type: 'PostgreSqlV2Table', linkedServiceName: reference(store), typeProperties }
}

type Place = { container: string; folder: string; fileName?: string; compression: 'none' | 'gzip' | 'zstd' }
type Format = Pick<CopyDraft['sink'], 'format' | 'csv'>

function fileDataset(store: WizardStore, { format, csv }: Format, place: Place) {
  const { container, folder, fileName, compression } = place
  const common = { folderPath: trimSlashes(folder), ...(fileName ? { fileName } : {}) }
  const location =
    store.type === 'FileServer'
      ? { type: 'FileServerLocation', ...common }
      : { type: 'AzureBlobStorageLocation', container: container.trim(), ...common }
  const typeProperties = {
    location,
    ...(format === 'csv' ? csvProperties(csv) : {}),
    ...(format === 'binary' ? {} : { compressionCodec: compression }),
  }
  return { type: datasetTypes[format], linkedServiceName: reference(store), typeProperties }
}

const datasetTypes = {
  csv: 'DelimitedText',
  jsonl: 'Json',
  parquet: 'Parquet',
  binary: 'Binary',
} as const satisfies Record<FileFormat, DatasetDefinition['type']>

function csvProperties({ delimiter, quote, header, nullText }: CopyDraft['source']['csv']) {
  return { columnDelimiter: delimiter, quoteChar: quote, firstRowAsHeader: header, nullValue: nullText }
}

function reference({ name }: WizardStore) {
  return { referenceName: name, type: 'LinkedServiceReference' }
}

type Named = {
  name: string
  references: readonly [input: string, output: string]
  rows: readonly MappingRow[]
  stores: BothStores
}

function activity(draft: CopyDraft, copy: PlannedCopy, named: Named): z.input<typeof CopyActivity> {
  const mapping = isBinaryCopy(draft) ? null : toColumnMapping(named.rows)
  const parallelCopies = Number(draft.options.parallelCopies)
  const [input, output] = named.references
  return {
    name: named.name,
    type: 'Copy',
    inputs: [{ referenceName: input, type: 'DatasetReference' }],
    outputs: [{ referenceName: output, type: 'DatasetReference' }],
    typeProperties: {
      source: activitySource(draft, named.stores.source),
      sink: activitySink(draft, copy, named.stores.sink),
      ...(mapping && mapping.length > 0
        ? { translator: { type: 'TabularTranslator', mappings: mapping.map(toTranslation) } }
        : {}),
      ...(parallelCopies > 0 ? { parallelCopies } : {}),
      verification: draft.options.verification,
    },
  }
}

function toTranslation({
  source,
  sink,
  sinkType,
}: {
  source: string
  sink: string
  sinkType?: string | undefined
}) {
  return { source: { name: source }, sink: { name: sink, ...(sinkType ? { type: sinkType } : {}) } }
}

const typePrefixes = { csv: 'DelimitedText', jsonl: 'Json', parquet: 'Parquet', binary: 'Binary' } as const
type ActivityProperties = z.input<typeof CopyActivity>['typeProperties']

function activitySource({ source }: CopyDraft, store: WizardStore): ActivityProperties['source'] {
  if (source.kind === 'tables') return { type: 'PostgreSqlV2Source' }
  if (source.kind === 'query')
    return { type: 'PostgreSqlV2Source', query: source.query.trim().replace(/;\s*$/, '') }
  return {
    type: `${typePrefixes[source.format]}Source`,
    storeSettings: {
      type: store.type === 'FileServer' ? 'FileServerReadSettings' : 'AzureBlobStorageReadSettings',
      recursive: source.recursive,
      ...(isWildcard(source.fileName) ? { wildcardFileName: source.fileName.trim() } : {}),
    },
  }
}

/** Data Factory says insert where everybody else says append. */
const tableBehaviors = { append: 'insert', overwrite: 'overwrite', upsert: 'upsert' } as const

function activitySink(draft: CopyDraft, copy: PlannedCopy, store: WizardStore): ActivityProperties['sink'] {
  const { writeBehavior } = draft.options
  if (copy.sink.kind === 'table')
    return {
      type: 'PostgreSqlV2Sink',
      writeBehavior: tableBehaviors[writeBehavior],
      tableOption: draft.sink.createTable ? 'autoCreate' : 'none',
      ...(writeBehavior === 'upsert' ? { upsertSettings: { keys: draft.keys[copy.key] ?? [] } } : {}),
    }
  const storeSettings = {
    type:
      store.type === 'FileServer'
        ? ('FileServerWriteSettings' as const)
        : ('AzureBlobStorageWriteSettings' as const),
    writeBehavior: writeBehavior === 'append' ? ('append' as const) : ('overwrite' as const),
  }
  if (isBinaryCopy(draft)) return { type: 'BinarySink', storeSettings }
  const format = draft.sink.format === 'binary' ? 'parquet' : draft.sink.format
  return {
    type: `${typePrefixes[format]}Sink`,
    storeSettings,
    fileNamePrefix: draft.sink.fileName.trim() || 'part',
  }
}
