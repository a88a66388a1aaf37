'use client'

import { useRouter } from 'next/navigation'
import { FormPage } from '@/components/form/form-page'
import { TextField } from '@/components/form/text-field'
import { toast } from '@/components/ui/toast'
import { updateProfileAction } from '@/lib/account/actions'

export function ProfileForm({ name }: { name: string }) {
  const router = useRouter()
  return (
    <FormPage
      schema={async () => (await import('@/lib/account/schemas')).UpdateProfileInput}
      defaultValues={{ name }}
      action={updateProfileAction}
      onDone={() => {
        toast.ok('Your name is saved')
        router.refresh()
      }}
      submitLabel="Save name"
    >
      <TextField name="name" label="Name" autoComplete="name" />
    </FormPage>
  )
}
