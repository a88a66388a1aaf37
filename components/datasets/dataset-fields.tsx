'use client'

import { useFormContext, useWatch } from 'react-hook-form'
import {
  type DatasetFormValues,
  type DatasetStore,
  emptyDefinition,
} from '@/components/datasets/dataset-form-values'
import { FileFields } from '@/components/datasets/file-fields'
import { TableFields } from '@/components/datasets/table-fields'
import { SelectField, TextareaField, TextField } from '@/components/form/text-field'
import { storeKinds } from '@/components/stores/store-kind'

type DatasetFieldsProps = { stores: readonly DatasetStore[]; browseRefusal: string | null }

/** The whole form of a dataset: its name, where it lies, and how its bytes are read. */
export function DatasetFields({ stores, browseRefusal }: DatasetFieldsProps) {
  const name = useWatch<DatasetFormValues, 'definition.linkedServiceName.referenceName'>({
    name: 'definition.linkedServiceName.referenceName',
  })
  const store = stores.find((one) => one.name === name)
  return (
    <>
      <TextField
        name="name"
        label="Name"
        hint="Letters, digits and hyphens. Pipelines say it, so it cannot change later"
        autoComplete="off"
        spellCheck={false}
      />
      <StoreChoice stores={stores} />
      {store ? <Place key={store.type} store={store} browseRefusal={browseRefusal} /> : null}
      <TextareaField name="definition.description" label="Description" rows={2} optional />
    </>
  )
}

function Place(props: { store: DatasetStore; browseRefusal: string | null }) {
  return props.store.type === 'PostgreSql' ? <TableFields {...props} /> : <FileFields {...props} />
}

/** A store of another kind has other fields: they begin empty. One of the same kind keeps what was typed. */
function StoreChoice({ stores }: { stores: readonly DatasetStore[] }) {
  const { getValues, setValue } = useFormContext<DatasetFormValues>()
  const present = useWatch<DatasetFormValues, 'definition'>({ name: 'definition' })
  return (
    <div
      onChange={(event) => {
        const { target } = event
        if (!(target instanceof HTMLSelectElement)) return
        const store = stores.find(({ name }) => name === target.value)
        if (!store) return
        const fresh = emptyDefinition(store)
        const { description } = getValues('definition')
        if (kindOf(fresh) !== kindOf(present))
          setValue('definition', description === undefined ? fresh : { ...fresh, description })
      }}
    >
      <SelectField
        name="definition.linkedServiceName.referenceName"
        label="Linked service"
        options={stores.map(({ name, type }) => ({
          value: name,
          label: `${name} · ${storeKinds[type].name}`,
        }))}
      />
    </div>
  )
}

function kindOf(definition: DatasetFormValues['definition']): string {
  return definition.type === 'PostgreSqlV2Table' ? 'table' : definition.typeProperties.location.type
}
