import type { DatasetDefinition } from '@/lib/datasets/schemas'
import type { CsvOptions, FileFormat } from '@/lib/protocol/copy-plan'
import type { StoreType } from '@/lib/protocol/stores'
import { cannot, type CopyEnd } from '@/lib/runs/resolve/resolve-end'
import type { z } from 'zod'

type FileDataset = Exclude<DatasetDefinition, { type: 'PostgreSqlV2Table' }>
type Location = FileDataset['typeProperties']['location']

/** The dataset, known to be of the type that this source or sink goes with. */
export function requireDatasetType<Type extends DatasetDefinition['type']>(
  end: CopyEnd,
  activityType: string,
  type: Type,
): Extract<DatasetDefinition, { type: Type }> {
  if (isOfType(end.definition, type)) return end.definition
  throw cannot(
    end.activity,
    `${activityType} needs a dataset of type ${type}, but "${end.dataset}" is of type ${end.definition.type}`,
  )
}

function isOfType<Type extends DatasetDefinition['type']>(
  definition: DatasetDefinition,
  type: Type,
): definition is Extract<DatasetDefinition, { type: Type }> {
  return definition.type === type
}

export function requireStore(end: CopyEnd, type: StoreType): void {
  if (end.store.address.type === type) return
  throw cannot(
    end.activity,
    `the dataset "${end.dataset}" belongs in a store of type ${type}, but its linked service "${end.store.linkedServiceName}" is of type ${end.store.address.type}`,
  )
}

export function location(
  end: CopyEnd,
  place: Location,
): { container: string | undefined; folder: string; fileName: string | undefined } {
  requireStore(end, place.type === 'AzureBlobStorageLocation' ? 'AzureBlobStorage' : 'FileServer')
  return {
    container: place.type === 'AzureBlobStorageLocation' ? place.container : undefined,
    folder: place.folderPath,
    fileName: place.fileName,
  }
}

const formats = {
  DelimitedText: 'csv',
  Json: 'jsonl',
  Parquet: 'parquet',
  Binary: 'binary',
} as const satisfies Record<FileDataset['type'], FileFormat>

export function fileFormatOf(dataset: FileDataset): FileFormat {
  return formats[dataset.type]
}

export function csvOptions({
  typeProperties,
}: Extract<DatasetDefinition, { type: 'DelimitedText' }>): z.infer<typeof CsvOptions> {
  const { columnDelimiter, quoteChar, firstRowAsHeader, nullValue } = typeProperties
  return { delimiter: columnDelimiter, quote: quoteChar, header: firstRowAsHeader, nullText: nullValue }
}
