'use client'

import { useRouter } from 'next/navigation'
import { DatasetFields } from '@/components/datasets/dataset-fields'
import {
  DatasetFormInput,
  type DatasetFormValues,
  emptyDefinition,
  tidyDefinition,
} from '@/components/datasets/dataset-form-values'
import { FormSheet } from '@/components/form/form-sheet'
import { toast } from '@/components/ui/toast'
import { saveDatasetAction } from '@/lib/datasets/actions'
import type { StoreChoices } from '@/lib/linked-services/queries'
import { paths } from '@/lib/paths'

type DatasetSheetProps = {
  open: boolean
  onOpenChange: (open: boolean) => void
  factory: { id: string; name: string }
  stores: StoreChoices
  /** Why this person may not look into stores; null where they may. */
  browseRefusal: string | null
}

/** Makes a dataset by hand. What was typed survives every refusal. */
export function DatasetSheet({ factory, stores, browseRefusal, ...sheet }: DatasetSheetProps) {
  const router = useRouter()
  const [first] = stores.rows
  if (!first) return null
  const defaultValues: DatasetFormValues = { name: '', definition: emptyDefinition(first) }
  return (
    <FormSheet
      {...sheet}
      title="Create dataset"
      description="A name for a table, a file or a folder of a linked service"
      schema={DatasetFormInput}
      defaultValues={defaultValues}
      submitLabel="Create dataset"
      action={async (values) => {
        const { name, definition } = DatasetFormInput.parse(values)
        return await saveDatasetAction({
          factoryId: factory.id,
          name,
          definition: tidyDefinition(definition),
        })
      }}
      onDone={({ name }) => {
        toast.ok(`Dataset ${name} is created`)
        router.push(paths.dataset(factory.name, name))
      }}
    >
      <DatasetFields factory={factory.name} stores={stores} browseRefusal={browseRefusal} />
    </FormSheet>
  )
}
