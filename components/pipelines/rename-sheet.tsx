'use client'

import { useRouter } from 'next/navigation'
import { FormSheet } from '@/components/form/form-sheet'
import { TextField } from '@/components/form/text-field'
import { paths } from '@/lib/paths'
import { savePipelineAction } from '@/lib/pipelines/actions'
import type { Pipeline } from '@/lib/pipelines/queries'
import type { DialogProps } from './pipeline-actions'

/** Gives a pipeline another name; its runs keep the one they had. */
export function RenameSheet({ factory, pipeline, open, onOpenChange }: DialogProps & { pipeline: Pipeline }) {
  const router = useRouter()
  const { id, name, factoryId, definition, updatedAt } = pipeline
  return (
    <FormSheet
      open={open}
      onOpenChange={onOpenChange}
      title={
        <>
          Rename pipeline <em>{name}</em>
        </>
      }
      description="Its runs keep the name that they had."
      schema={async () => (await import('@/lib/pipelines/schemas')).SavePipelineInput.pick({ name: true })}
      defaultValues={{ name }}
      submitLabel="Rename pipeline"
      action={(values) =>
        savePipelineAction({ factoryId, pipelineId: id, definition, basedOn: updatedAt, ...values })
      }
      onDone={(saved) => router.replace(paths.pipeline(factory, saved.name))}
    >
      <TextField name="name" label="Name" autoComplete="off" spellCheck={false} />
    </FormSheet>
  )
}
