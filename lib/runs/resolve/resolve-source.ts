import type { DatasetDefinition } from '@/lib/datasets/schemas'
import type { CopyActivity } from '@/lib/pipelines/schemas'
import type { CopySource } from '@/lib/protocol/copy-plan'
import { cannot, type CopyEnd } from '@/lib/runs/resolve/resolve-end'
import {
  csvOptions,
  fileFormatOf,
  location,
  requireDatasetType,
  requireStore,
} from '@/lib/runs/resolve/resolve-files'

type ActivitySource = CopyActivity['typeProperties']['source']

export function resolveSource(source: ActivitySource, end: CopyEnd): CopySource {
  return source.type === 'PostgreSqlV2Source' ? tableSource(source, end) : filesSource(source, end)
}

function tableSource(
  source: Extract<ActivitySource, { type: 'PostgreSqlV2Source' }>,
  end: CopyEnd,
): CopySource {
  const { typeProperties } = requireDatasetType(end, source.type, 'PostgreSqlV2Table')
  const { store } = end
  requireStore(end, 'PostgreSql')
  if (source.query) return { kind: 'query', store, query: source.query }
  const { schema, table } = typeProperties
  if (!schema || !table)
    throw cannot(
      end.activity,
      `the dataset "${end.dataset}" names no table. Choose a table, or give the source a query`,
    )
  return { kind: 'table', store, schema, table }
}

const datasetTypes = {
  DelimitedTextSource: 'DelimitedText',
  JsonSource: 'Json',
  ParquetSource: 'Parquet',
  BinarySource: 'Binary',
} as const satisfies Record<string, DatasetDefinition['type']>

function filesSource(
  source: Exclude<ActivitySource, { type: 'PostgreSqlV2Source' }>,
  end: CopyEnd,
): CopySource {
  const dataset = requireDatasetType(end, source.type, datasetTypes[source.type])
  const { container, folder, fileName } = location(end, dataset.typeProperties.location)
  const { recursive, wildcardFileName } = source.storeSettings
  return {
    kind: 'files',
    store: end.store,
    ...(container ? { container } : {}),
    folder,
    fileName: wildcardFileName || fileName || '*',
    recursive,
    format: fileFormatOf(dataset),
    ...(dataset.type === 'DelimitedText' ? { csv: csvOptions(dataset) } : {}),
  }
}
