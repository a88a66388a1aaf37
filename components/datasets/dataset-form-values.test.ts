import { expect, test } from 'vitest'
import {
  DatasetFormInput,
  type DatasetStore,
  emptyDefinition,
  type FileDefinition,
  tidyDefinition,
  withFormat,
} from '@/components/datasets/dataset-form-values'
import { DatasetDefinition } from '@/lib/datasets/schemas'

const store = (type: DatasetStore['type']): DatasetStore => ({
  id: crypto.randomUUID(),
  name: 'lake',
  type,
  version: '1',
  runtimeName: 'quay',
})

function files(type: 'AzureBlobStorage' | 'FileServer'): FileDefinition {
  const definition = emptyDefinition(store(type))
  if (definition.type === 'PostgreSqlV2Table') throw new Error('Files expected')
  return definition
}

function problems(definition: FileDefinition): string[] {
  return DatasetDefinition.safeParse(definition).error?.issues.map(({ message }) => message) ?? []
}

test('emptyDefinition() of a database wants the table at its field', () => {
  const read = DatasetFormInput.safeParse({
    name: 'orders',
    definition: emptyDefinition(store('PostgreSql')),
  })
  expect(read.error?.issues.map(({ path, message }) => [path.join('.'), message])).toEqual([
    ['definition.typeProperties.table', 'Enter the table'],
  ])
})

test('emptyDefinition() of a blob store wants the container, of a folder nothing more', () => {
  expect(problems(files('AzureBlobStorage'))).toEqual(['Enter the container'])
  expect(problems(files('FileServer'))).toEqual([])
})

test('withFormat() keeps the place and the description, and begins with the settings of the format', () => {
  const before = { ...files('FileServer'), description: 'Raw' }
  const { location } = before.typeProperties
  for (const type of ['DelimitedText', 'Json', 'Parquet', 'Binary'] as const) {
    const after = withFormat(before, type)
    expect(after).toMatchObject({ type, description: 'Raw', typeProperties: { location } })
    expect(DatasetDefinition.safeParse(after).success).toBe(true)
  }
})

test('tidyDefinition() leaves out what was left empty, and slashes around a folder', () => {
  const definition = DatasetDefinition.parse({ ...files('FileServer'), description: ' ' })
  if (definition.type !== 'Parquet') throw new Error('Parquet expected')
  definition.typeProperties.location.folderPath = ' /raw/orders/ '
  expect(tidyDefinition(definition)).toEqual({
    type: 'Parquet',
    linkedServiceName: { referenceName: 'lake', type: 'LinkedServiceReference' },
    typeProperties: {
      location: { type: 'FileServerLocation', folderPath: 'raw/orders' },
      compressionCodec: 'zstd',
    },
  })
})
