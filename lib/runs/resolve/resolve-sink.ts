import type { DatasetDefinition } from '@/lib/datasets/schemas'
import type { CopyActivity } from '@/lib/pipelines/schemas'
import type { CopySink } from '@/lib/protocol/copy-plan'
import { cannot, type CopyEnd } from '@/lib/runs/resolve/resolve-end'
import {
  csvOptions,
  fileFormatOf,
  location,
  requireDatasetType,
  requireStore,
} from '@/lib/runs/resolve/resolve-files'

type ActivitySink = CopyActivity['typeProperties']['sink']

export function resolveSink(sink: ActivitySink, end: CopyEnd): CopySink {
  return sink.type === 'PostgreSqlV2Sink' ? tableSink(sink, end) : filesSink(sink, end)
}

/** Data Factory says insert where everybody else says append. */
const writeBehaviors = { insert: 'append', overwrite: 'overwrite', upsert: 'upsert' } as const

function tableSink(sink: Extract<ActivitySink, { type: 'PostgreSqlV2Sink' }>, end: CopyEnd): CopySink {
  const { schema, table } = requireDatasetType(end, sink.type, 'PostgreSqlV2Table').typeProperties
  requireStore(end, 'PostgreSql')
  if (!schema || !table)
    throw cannot(end.activity, `the dataset "${end.dataset}" names no table to copy into`)
  const keys = sink.upsertSettings?.keys ?? []
  if (sink.writeBehavior === 'upsert' && keys.length === 0)
    throw cannot(end.activity, 'an upsert needs at least one key column (upsertSettings.keys)')
  return {
    kind: 'table',
    store: end.store,
    schema,
    table,
    writeBehavior: writeBehaviors[sink.writeBehavior],
    createTable: sink.tableOption === 'autoCreate',
    keys: sink.writeBehavior === 'upsert' ? keys : [],
  }
}

const datasetTypes = {
  DelimitedTextSink: 'DelimitedText',
  JsonSink: 'Json',
  ParquetSink: 'Parquet',
  BinarySink: 'Binary',
} as const satisfies Record<string, DatasetDefinition['type']>

function filesSink(sink: Exclude<ActivitySink, { type: 'PostgreSqlV2Sink' }>, end: CopyEnd): CopySink {
  const dataset = requireDatasetType(end, sink.type, datasetTypes[sink.type])
  const { container, folder, fileName } = location(end, dataset.typeProperties.location)
  const prefix = sink.type === 'BinarySink' ? 'part' : sink.fileNamePrefix
  return {
    kind: 'files',
    store: end.store,
    ...(container ? { container } : {}),
    folder,
    fileName: fileName ? withoutExtension(fileName) : prefix,
    format: fileFormatOf(dataset),
    compression: dataset.type === 'Binary' ? 'none' : dataset.typeProperties.compressionCodec,
    ...(dataset.type === 'DelimitedText' ? { csv: csvOptions(dataset) } : {}),
    writeBehavior: sink.storeSettings.writeBehavior,
  }
}

/** The engine adds part number and extension itself. */
function withoutExtension(fileName: string): string {
  return fileName.replace(/\.(csv|jsonl?|parquet)(\.(gz|zst))?$/i, '')
}
