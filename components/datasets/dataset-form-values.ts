import { z } from 'zod'
import type { ViewedStore } from '@/components/stores/items'
import { DatasetDefinition } from '@/lib/datasets/schemas'
import { ResourceName } from '@/lib/protocol/scalars'

/** What the form holds: the command's input without its factory. */
export const DatasetFormInput = z.object({ name: ResourceName, definition: DatasetDefinition })
export type DatasetFormValues = z.input<typeof DatasetFormInput>
/** A linked service to choose from. */
export type DatasetStore = ViewedStore & { runtimeName: string }

export type TableDefinition = Extract<DatasetFormValues['definition'], { type: 'PostgreSqlV2Table' }>
export type FileDefinition = Exclude<DatasetFormValues['definition'], TableDefinition>

/** A definition with the fields that its form shows, still to be filled. */
export function emptyDefinition(store: DatasetStore): DatasetFormValues['definition'] {
  const linkedServiceName = { referenceName: store.name, type: 'LinkedServiceReference' as const }
  if (store.type === 'PostgreSql')
    return {
      type: 'PostgreSqlV2Table',
      linkedServiceName,
      typeProperties: { schema: 'public', table: '' },
    }
  return {
    type: 'Parquet',
    linkedServiceName,
    typeProperties: { location: emptyLocation(store), compressionCodec: 'zstd' },
  }
}

function emptyLocation({ type }: DatasetStore): FileDefinition['typeProperties']['location'] {
  if (type === 'FileServer') return { type: 'FileServerLocation', folderPath: '', fileName: '' }
  return { type: 'AzureBlobStorageLocation', container: '', folderPath: '', fileName: '' }
}

/** Another format of the same files. */
export function withFormat(definition: FileDefinition, type: FileDefinition['type']): FileDefinition {
  const { linkedServiceName, description } = definition
  const { location } = definition.typeProperties
  const common = { linkedServiceName, ...(description === undefined ? {} : { description }) }
  if (type === 'Binary') return { type, ...common, typeProperties: { location } }
  if (type === 'Parquet') return { type, ...common, typeProperties: { location, compressionCodec: 'zstd' } }
  if (type === 'Json') return { type, ...common, typeProperties: { location, compressionCodec: 'none' } }
  const csv = { columnDelimiter: ',', quoteChar: '"', firstRowAsHeader: true, nullValue: '' }
  return { type, ...common, typeProperties: { location, ...csv, compressionCodec: 'none' } }
}

/** As it is kept: what was left empty is absent, and a folder has no slashes at its ends. */
export function tidyDefinition(definition: DatasetDefinition): DatasetDefinition {
  const { description, ...rest } = definition
  const tidy = description?.trim() ? { ...rest, description: description.trim() } : rest
  if (tidy.type === 'PostgreSqlV2Table') return tidy
  const { fileName, folderPath, ...place } = tidy.typeProperties.location
  const location = {
    ...place,
    folderPath: folderPath.trim().replaceAll(/^\/+|\/+$/g, ''),
    ...(fileName?.trim() ? { fileName: fileName.trim() } : {}),
  }
  return DatasetDefinition.parse({ ...tidy, typeProperties: { ...tidy.typeProperties, location } })
}
