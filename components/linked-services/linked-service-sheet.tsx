'use client'

import { useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'
import { FormSheet } from '@/components/form/form-sheet'
import {
  emptyDefinition,
  LinkedServiceFormInput,
  type EditedLinkedService,
} from '@/components/linked-services/form-values'
import { LinkedServiceFields } from '@/components/linked-services/linked-service-fields'
import { sealAndSave } from '@/components/linked-services/save-linked-service'
import { toast } from '@/components/ui/toast'
import type { RuntimeVaults } from '@/lib/linked-services/queries'
import { paths } from '@/lib/paths'

type LinkedServiceSheetProps = {
  open: boolean
  onOpenChange: (open: boolean) => void
  factory: { id: string; name: string }
  vaults: RuntimeVaults
  /** Null: a new one. */
  before: EditedLinkedService | null
}

/** Makes or changes a linked service. What was typed survives every refusal. */
export function LinkedServiceSheet({ before, factory, vaults, ...sheet }: LinkedServiceSheetProps) {
  const router = useRouter()
  const [newId, setNewId] = useState(() => crypto.randomUUID())
  // As it was opened: the page is read again while the sheet stays, and what it shows then was not what was edited.
  const [basedOn, setBasedOn] = useState(before?.updatedAt ?? null)
  useEffect(() => {
    if (sheet.open) setBasedOn(before?.updatedAt ?? null)
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- only the opening counts
  }, [sheet.open])
  return (
    <FormSheet
      {...sheet}
      title={before ? `Edit linked service ${before.name}` : 'Create linked service'}
      description={before ? undefined : 'How the nodes of a runtime reach a store'}
      schema={LinkedServiceFormInput}
      defaultValues={{
        name: before?.name ?? '',
        definition: before?.definition ?? emptyDefinition('PostgreSqlV2', vaults.rows[0]?.runtimeName ?? ''),
        secret: '',
      }}
      submitLabel={before ? 'Save linked service' : 'Create linked service'}
      action={async (values) => {
        const typed = LinkedServiceFormInput.parse(values)
        const linkedServiceId = before?.id ?? newId
        const target = { factory, linkedServiceId, before, vaults, basedOn }
        const result = await sealAndSave(typed, target)
        // A vault that moved on, or a secret that somebody else saved: the next try starts from what is true now.
        if (!result.ok && result.error.code === 'conflict') router.refresh()
        return result
      }}
      onDone={({ name }) => {
        toast.ok(before ? `Linked service ${name} is saved` : `Linked service ${name} is created`)
        setNewId(crypto.randomUUID())
        if (before) router.refresh()
        else router.push(paths.linkedService(factory.name, name))
      }}
    >
      <LinkedServiceFields factoryName={factory.name} vaults={vaults} before={before} />
    </FormSheet>
  )
}
