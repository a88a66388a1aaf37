'use client'

import { Plus } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { FormSheet } from '@/components/form/form-sheet'
import { TextareaField, TextField } from '@/components/form/text-field'
import { Button } from '@/components/ui/button'
import { paths } from '@/lib/paths'
import { createRuntimeAction } from '@/lib/runtimes/actions'
import { AdmissionField, LeaseField } from './runtime-fields'

type CreateRuntimeButtonProps = { factory: { id: string; name: string }; disabledReason: string | null }

/** Makes a runtime and goes to where its first node is installed. */
export function CreateRuntimeButton({ factory, disabledReason }: CreateRuntimeButtonProps) {
  const router = useRouter()
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button
        variant="primary"
        icon={<Plus aria-hidden />}
        disabledReason={disabledReason}
        onClick={() => setOpen(true)}
      >
        Create runtime
      </Button>
      <FormSheet
        open={open}
        onOpenChange={setOpen}
        title="Create integration runtime"
        description="A group of nodes next to the same private data. Linked services connect through it."
        schema={async () => (await import('@/lib/runtimes/schemas')).CreateRuntimeInput}
        defaultValues={{
          factoryId: factory.id,
          name: '',
          description: '',
          admission: 'standard',
          leaseSeconds: 60,
        }}
        action={createRuntimeAction}
        onDone={({ name }) => router.push(paths.runtime(factory.name, name, 'install'))}
        submitLabel="Create runtime"
      >
        <TextField
          name="name"
          label="Name"
          hint="3 to 63 letters, digits and single hyphens. It cannot be changed later: keys and definitions carry it."
          autoComplete="off"
          spellCheck={false}
        />
        <TextareaField name="description" label="Description" optional rows={3} />
        <AdmissionField />
        <LeaseField />
      </FormSheet>
    </>
  )
}
