import type { Item } from '@/components/stores/items'
import type { FileSelection } from '@/components/stores/sample-file'
import type { DatasetDefinition } from '@/lib/datasets/schemas'
import type { FileFormat } from '@/lib/protocol/copy-plan'

type FileDataset = Exclude<DatasetDefinition, { type: 'PostgreSqlV2Table' }>

export const datasetKinds = {
  PostgreSqlV2Table: 'PostgreSQL table',
  DelimitedText: 'CSV files',
  Json: 'JSON lines files',
  Parquet: 'Parquet files',
  Binary: 'Binary files',
} as const satisfies Record<DatasetDefinition['type'], string>

/** The formats that a form offers. */
export const datasetFormats = [
  { value: 'Parquet', label: 'Parquet', hint: 'Columns with their types, compressed' },
  { value: 'DelimitedText', label: 'CSV', hint: 'Text that spreadsheets and COPY read' },
  { value: 'Json', label: 'JSON lines', hint: 'One JSON object per line' },
  { value: 'Binary', label: 'Binary', hint: 'The bytes unchanged' },
] as const

const formats = {
  DelimitedText: 'csv',
  Json: 'jsonl',
  Parquet: 'parquet',
  Binary: 'binary',
} as const satisfies Record<FileDataset['type'], FileFormat>

/** What the dataset names in its store: `public.orders`, `lake/raw/orders`. */
export function datasetPlace(definition: DatasetDefinition): string {
  if (definition.type === 'PostgreSqlV2Table') {
    const { schema, table } = definition.typeProperties
    return schema && table ? `${schema}.${table}` : 'the database, for a query'
  }
  const { location } = definition.typeProperties
  const container = location.type === 'AzureBlobStorageLocation' ? location.container : ''
  return [container, location.folderPath, location.fileName].filter(Boolean).join('/') || 'the whole folder'
}

/** What a node can be asked about at once; null for folders, whose columns are those of a file in them. */
export function datasetTable(definition: DatasetDefinition): Item | null {
  if (definition.type !== 'PostgreSqlV2Table') return null
  const { schema, table } = definition.typeProperties
  return schema && table ? { kind: 'table', schema, table } : null
}

/** The files of the dataset; null for tables, and for bytes that have no rows. */
export function datasetFiles(definition: DatasetDefinition): FileSelection | null {
  if (definition.type === 'PostgreSqlV2Table' || definition.type === 'Binary') return null
  const { location } = definition.typeProperties
  return {
    container: location.type === 'AzureBlobStorageLocation' ? location.container : '',
    folder: location.folderPath,
    fileName: location.fileName ?? '',
    recursive: true,
    format: formats[definition.type],
  }
}

/** A file of the dataset, as a node reads it. */
export function datasetFile(definition: DatasetDefinition, path: string): Item {
  const files = datasetFiles(definition)
  const csv =
    definition.type === 'DelimitedText'
      ? {
          csv: {
            delimiter: definition.typeProperties.columnDelimiter,
            quote: definition.typeProperties.quoteChar,
            header: definition.typeProperties.firstRowAsHeader,
            nullText: definition.typeProperties.nullValue,
          },
        }
      : {}
  return {
    kind: 'file',
    ...(files?.container ? { container: files.container } : {}),
    path,
    format: files?.format ?? 'binary',
    ...csv,
  }
}
