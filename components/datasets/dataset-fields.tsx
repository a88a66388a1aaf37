'use client'

import { useState } from 'react'
import { useFormContext, useWatch } from 'react-hook-form'
import {
  type DatasetFormValues,
  type DatasetStore,
  emptyDefinition,
} from '@/components/datasets/dataset-form-values'
import { FileFields } from '@/components/datasets/file-fields'
import { TableFields } from '@/components/datasets/table-fields'
import { SelectField, TextareaField, TextField } from '@/components/form/text-field'
import { StoreFilter } from '@/components/stores/store-filter'
import { storeKinds } from '@/components/stores/store-kind'
import { type ShownStores, useStoreChoices } from '@/components/stores/use-store-choices'
import type { StoreChoices } from '@/lib/linked-services/queries'

type DatasetFieldsProps = { factory: string; stores: StoreChoices; browseRefusal: string | null }

/** The whole form of a dataset: its name, where it lies, and how its bytes are read. */
export function DatasetFields({ factory, stores, browseRefusal }: DatasetFieldsProps) {
  const shown = useStoreChoices(factory, stores)
  const [picked, setPicked] = useState<DatasetStore | null>(null)
  const name = useWatch<DatasetFormValues, 'definition.linkedServiceName.referenceName'>({
    name: 'definition.linkedServiceName.referenceName',
  })
  // What a filter has found may stand in neither list any more.
  const known = [...shown.rows, ...stores.rows, ...(picked ? [picked] : [])]
  const store = known.find((one) => one.name === name)
  return (
    <>
      <TextField
        name="name"
        label="Name"
        hint="Letters, digits and hyphens. Pipelines say it, so it cannot change later"
        autoComplete="off"
        spellCheck={false}
      />
      <StoreChoice shown={shown} store={store} onPick={setPicked} />
      {store ? <Place key={store.type} store={store} browseRefusal={browseRefusal} /> : null}
      <TextareaField name="definition.description" label="Description" rows={2} optional />
    </>
  )
}

function Place(props: { store: DatasetStore; browseRefusal: string | null }) {
  return props.store.type === 'PostgreSql' ? <TableFields {...props} /> : <FileFields {...props} />
}

/** A store of another kind has other fields: they begin empty. One of the same kind keeps what was typed. */
function StoreChoice({
  shown,
  store,
  onPick,
}: {
  shown: ShownStores
  store: DatasetStore | undefined
  onPick: (store: DatasetStore) => void
}) {
  const stores: DatasetStore[] = [...shown.rows]
  if (store && !stores.some(({ name }) => name === store.name)) stores.unshift(store)
  const { getValues, setValue } = useFormContext<DatasetFormValues>()
  const present = useWatch<DatasetFormValues, 'definition'>({ name: 'definition' })
  return (
    <div
      onChange={(event) => {
        const { target } = event
        if (!(target instanceof HTMLSelectElement)) return
        const next = stores.find(({ name }) => name === target.value)
        if (!next) return
        onPick(next)
        const fresh = emptyDefinition(next)
        const { description } = getValues('definition')
        if (kindOf(fresh) !== kindOf(present))
          setValue('definition', description === undefined ? fresh : { ...fresh, description })
      }}
    >
      <StoreFilter shown={shown} />
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
