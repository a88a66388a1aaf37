'use client'

import { useRouter } from 'next/navigation'
import { FormPage } from '@/components/form/form-page'
import { TextareaField } from '@/components/form/text-field'
import { toast } from '@/components/ui/toast'
import { updateRuntimeAction } from '@/lib/runtimes/actions'
import type { Runtime } from '@/lib/runtimes/queries'
import { AdmissionField, LeaseField } from './runtime-fields'

type RuntimeSettingsFormProps = {
  runtime: Pick<Runtime, 'id' | 'description' | 'admission' | 'leaseSeconds'>
  disabledReason: string | null
}

export function RuntimeSettingsForm({ runtime, disabledReason }: RuntimeSettingsFormProps) {
  const router = useRouter()
  const { id, ...values } = runtime
  return (
    <FormPage
      schema={async () => (await import('@/lib/runtimes/schemas')).UpdateRuntimeInput}
      defaultValues={{ runtimeId: id, ...values }}
      action={updateRuntimeAction}
      onDone={({ name }) => {
        toast.ok(`Settings of ${name} are saved`)
        router.refresh()
      }}
      submitLabel="Save settings"
      submitDisabledReason={disabledReason}
    >
      <TextareaField name="description" label="Description" optional rows={3} />
      <AdmissionField />
      <LeaseField />
    </FormPage>
  )
}
