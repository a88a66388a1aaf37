'use client'

import { useRouter } from 'next/navigation'
import { useCallback, useState } from 'react'
import { FormPage } from '@/components/form/form-page'
import { JsonField } from '@/components/form/json-field'
import { leftOutOf } from '@/components/form/left-out'
import { LeftOutCallout } from '@/components/form/left-out-callout'
import { readResource, resourceForm, writeResource } from '@/components/form/resource-json'
import { toast } from '@/components/ui/toast'
import { savePipelineAction } from '@/lib/pipelines/actions'
import type { Pipeline } from '@/lib/pipelines/queries'

type PipelineDefinitionFormProps = {
  pipeline: Pipeline
  /** Why this person may not change it; null where they may. */
  refusal: string | null
}

/** The pipeline in Data Factory's JSON. What is wrong is said with its path, what is unknown here is left out and named. */
export function PipelineDefinitionForm({ pipeline, refusal }: PipelineDefinitionFormProps) {
  const router = useRouter()
  const [ignored, setIgnored] = useState<string[]>([])
  const { id, name, factoryId, definition, updatedAt } = pipeline
  const loadReader = useCallback(async () => {
    const { PipelineDefinition } = await import('@/lib/pipelines/schemas')
    return (text: string) => readResource(text, { schema: PipelineDefinition, name })
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
        return await savePipelineAction({
          factoryId,
          pipelineId: id,
          name,
          definition: read.definition,
          basedOn: updatedAt,
        })
      }}
      onDone={() => {
        toast.ok(`Pipeline ${name} is saved`)
        router.refresh()
      }}
    >
      <JsonField name="json" label={`Definition of pipeline ${name}`} reader={loadReader} />
      <LeftOutCallout paths={ignored} />
    </FormPage>
  )
}
