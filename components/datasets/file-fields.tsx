'use client'

import { useFormContext, useWatch } from 'react-hook-form'
import {
  type DatasetFormValues,
  type DatasetStore,
  type FileDefinition,
  withFormat,
} from '@/components/datasets/dataset-form-values'
import { datasetFormats } from '@/components/datasets/dataset-words'
import { CheckboxField } from '@/components/form/checkbox-field'
import { SelectField, TextField } from '@/components/form/text-field'
import { delimiterOptions } from '@/components/stores/csv-delimiters'
import { formatOfName } from '@/components/stores/items'
import { type PickedPlace, PlacePicker } from '@/components/stores/place-picker'
import { Radio, RadioGroup } from '@/components/ui/choice'

const at = 'definition.typeProperties'
const plain = { autoComplete: 'off', spellCheck: false } as const

/** A file or a folder, and how its bytes are read. */
export function FileFields({ store, browseRefusal }: { store: DatasetStore; browseRefusal: string | null }) {
  const { setValue, getValues } = useFormContext<DatasetFormValues>()
  const hasContainer = store.type === 'AzureBlobStorage'

  function handlePick({ path, item }: PickedPlace) {
    const [container = '', ...below] = path
    const folder = hasContainer ? below : path
    const valid = { shouldDirty: true, shouldValidate: true }
    if (hasContainer) setValue(`${at}.location.container`, container, valid)
    setValue(`${at}.location.folderPath`, folder.join('/'), valid)
    setValue(`${at}.location.fileName`, item?.name ?? '', valid)
    if (item) changeFormat(typeOfFormat[formatOfName(item.name)])
  }
  function changeFormat(type: FileDefinition['type']) {
    const definition = getValues('definition')
    if (definition.type === 'PostgreSqlV2Table' || definition.type === type) return
    setValue('definition', withFormat(definition, type), { shouldDirty: true })
  }
  const [container = '', folder = ''] = placeOf(getValues('definition'))
  const start = [...(container ? [container] : []), ...folder.split('/').filter(Boolean)]

  return (
    <>
      <div className="grid items-start gap-4 sm:grid-cols-2">
        {hasContainer ? <TextField name={`${at}.location.container`} label="Container" {...plain} /> : null}
        <TextField
          name={`${at}.location.folderPath`}
          label="Folder"
          hint={hasContainer ? 'Empty: the whole container' : 'Below the folder of the linked service'}
          optional
          {...plain}
        />
        <TextField
          name={`${at}.location.fileName`}
          label="File"
          hint="Empty: every file in the folder"
          optional
          {...plain}
        />
        <div className={hasContainer ? 'sm:pt-6' : ''}>
          <PlacePicker
            store={store}
            start={start}
            title="Choose a file or a folder"
            places
            refusal={browseRefusal}
            onPick={handlePick}
          />
        </div>
      </div>
      <FormatChoice onChange={changeFormat} />
      <FormatSettings />
    </>
  )
}

const typeOfFormat = {
  csv: 'DelimitedText',
  jsonl: 'Json',
  parquet: 'Parquet',
  binary: 'Binary',
} as const

function placeOf(definition: DatasetFormValues['definition']): string[] {
  if (definition.type === 'PostgreSqlV2Table') return []
  const { location } = definition.typeProperties
  return [location.type === 'AzureBlobStorageLocation' ? location.container : '', location.folderPath ?? '']
}

/** The definition's type is its format; each brings settings of its own, the place stays. */
function FormatChoice({ onChange }: { onChange: (type: FileDefinition['type']) => void }) {
  const type = useWatch<DatasetFormValues, 'definition.type'>({ name: 'definition.type' })
  return (
    <RadioGroup legend="Format">
      {datasetFormats.map(({ value, label, hint }) => (
        <Radio
          key={value}
          name="dataset-format"
          value={value}
          label={label}
          hint={hint}
          checked={type === value}
          onChange={() => onChange(value)}
        />
      ))}
    </RadioGroup>
  )
}

/** Redrawn with the format, whose settings begin with its defaults. */
function FormatSettings() {
  const definition = useWatch<DatasetFormValues, 'definition'>({ name: 'definition' })
  if (definition.type === 'PostgreSqlV2Table' || definition.type === 'Binary') return null
  const compression = (
    <SelectField
      key={definition.type}
      name={`${at}.compressionCodec`}
      label="Compression"
      hint={definition.type === 'Parquet' ? 'Of what is written; any is read' : undefined}
      options={compressions[definition.type]}
    />
  )
  if (definition.type !== 'DelimitedText') return compression
  return (
    <fieldset className="flex flex-col gap-4">
      <legend className="sr-only">CSV</legend>
      <div className="grid items-start gap-4 sm:grid-cols-2">
        <SelectField
          name={`${at}.columnDelimiter`}
          label="Delimiter"
          options={delimiterOptions(definition.typeProperties.columnDelimiter ?? ',')}
        />
        <TextField name={`${at}.quoteChar`} label="Quote" mono {...plain} />
        <TextField
          name={`${at}.nullValue`}
          label="Text for NULL"
          hint="Empty: an unquoted nothing"
          mono
          {...plain}
        />
        {compression}
      </div>
      <CheckboxField name={`${at}.firstRowAsHeader`} label="The first line holds the column names" />
    </fieldset>
  )
}

const zstd = { value: 'zstd', label: 'zstd' }
const none = { value: 'none', label: 'None' }
const gzip = { value: 'gzip', label: 'gzip' }
const compressions = { Parquet: [zstd, none], DelimitedText: [none, gzip, zstd], Json: [none, gzip, zstd] }
