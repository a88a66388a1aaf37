'use client'

import { useRouter } from 'next/navigation'
import { useCallback, useState } from 'react'
import { FormPage } from '@/components/form/form-page'
import { JsonField } from '@/components/form/json-field'
import { leftOutOf } from '@/components/form/left-out'
import { LeftOutCallout } from '@/components/form/left-out-callout'
import { readResource, resourceForm, writeResource } from '@/components/form/resource-json'
import { toast } from '@/components/ui/toast'
import { saveDatasetAction } from '@/lib/datasets/actions'
import type { DatasetDefinition } from '@/lib/datasets/schemas'

type DatasetFormProps = {
  factoryId: string
  dataset: { id: string; name: string; definition: DatasetDefinition; updatedAt: Date }
  /** Why this person may not change it; null where they may. */
  refusal: string | null
}

/** The dataset in Data Factory's JSON. What is unknown here is left out and named. */
export function DatasetForm({ factoryId, dataset, refusal }: DatasetFormProps) {
  const router = useRouter()
  const [ignored, setIgnored] = useState<string[]>([])
  const { id, name, definition, updatedAt } = dataset
  const loadReader = useCallback(async () => {
    const schemas = await import('@/lib/datasets/schemas')
    return (text: string) => readResource(text, { schema: schemas.DatasetDefinition, name })
  }, [name])
  return (
    <FormPage
      schema={() => resourceForm(loadReader)}
      defaultValues={{ json: writeResource(name, definition) }}
      submitLabel="Save definition"
      submitDisabledReason={refusal}
      action={async ({ json }) => {
        const read = (await loadReader())(json)
        if (!read.ok)
          return { ok: false, error: { code: 'invalid_input', message: read.problems.join('. ') } }
        setIgnored(leftOutOf(json, read.definition))
        return await saveDatasetAction({
          factoryId,
          datasetId: id,
          name,
          definition: read.definition,
          basedOn: updatedAt.toISOString(),
        })
      }}
      onDone={() => {
        toast.ok(`Dataset ${name} is saved`)
        router.refresh()
      }}
    >
      <JsonField name="json" label={`Definition of dataset ${name}`} reader={loadReader} />
      <LeftOutCallout paths={ignored} />
    </FormPage>
  )
}
