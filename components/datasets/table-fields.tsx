'use client'

import { useState } from 'react'
import { useFormContext } from 'react-hook-form'
import type { DatasetFormValues, DatasetStore } from '@/components/datasets/dataset-form-values'
import { TextField } from '@/components/form/text-field'
import { PlacePicker } from '@/components/stores/place-picker'
import { Radio, RadioGroup } from '@/components/ui/choice'

const at = 'definition.typeProperties'

/** A table by its name, or the database as such. */
export function TableFields({ store, browseRefusal }: { store: DatasetStore; browseRefusal: string | null }) {
  const { setValue, getValues } = useFormContext<DatasetFormValues>()
  const [what, setWhat] = useState<'table' | 'query'>('table')

  function choose(next: 'table' | 'query') {
    setWhat(next)
    setValue(at, next === 'table' ? { schema: 'public', table: '' } : {}, { shouldDirty: true })
  }
  function pick(schema: string | undefined, table: string | undefined) {
    if (schema === undefined || table === undefined) return
    const valid = { shouldDirty: true, shouldValidate: true }
    setValue(`${at}.schema`, schema, valid)
    setValue(`${at}.table`, table, valid)
  }
  const schema = getValues(`${at}.schema`)

  return (
    <>
      <RadioGroup legend="What">
        <Radio
          name="dataset-what"
          value="table"
          label="A table or view"
          checked={what === 'table'}
          onChange={() => choose('table')}
        />
        <Radio
          name="dataset-what"
          value="query"
          label="The database"
          hint="For copies that bring their own query"
          checked={what === 'query'}
          onChange={() => choose('query')}
        />
      </RadioGroup>
      {what === 'table' ? (
        <div className="flex flex-col gap-3">
          <div className="grid items-start gap-4 sm:grid-cols-2">
            <TextField name={`${at}.schema`} label="Schema" autoComplete="off" spellCheck={false} />
            <TextField name={`${at}.table`} label="Table" autoComplete="off" spellCheck={false} />
          </div>
          <div>
            <PlacePicker
              store={store}
              start={schema ? [schema] : []}
              title="Choose a table"
              places={false}
              refusal={browseRefusal}
              onPick={({ path, item }) => pick(path[0], item?.name)}
            />
          </div>
        </div>
      ) : null}
    </>
  )
}
