'use client'

import { useRouter } from 'next/navigation'
import { useWatch } from 'react-hook-form'
import { z } from 'zod'
import { FormPage } from '@/components/form/form-page'
import { JsonField } from '@/components/form/json-field'
import { readResource, writeResource } from '@/components/form/resource-json'
import { SecretInputField } from '@/components/form/secret-input-field'
import type { EditedLinkedService } from '@/components/linked-services/form-values'
import { findVault, sealAndSave } from '@/components/linked-services/save-linked-service'
import { toast } from '@/components/ui/toast'
import { secretKindOf, secretNames, storeAddress, whySecretAgain } from '@/lib/linked-services/address'
import type { RuntimeVault } from '@/lib/linked-services/queries'
import { LinkedServiceDefinition } from '@/lib/linked-services/schemas'

type DefinitionFormProps = {
  factoryId: string
  linkedService: EditedLinkedService
  vaults: readonly RuntimeVault[]
  /** Why this person may not change it; null where they may. */
  refusal: string | null
}

/** The linked service in Data Factory's JSON. An address that changes here too asks for its secret again. */
export function DefinitionForm({ factoryId, linkedService, vaults, refusal }: DefinitionFormProps) {
  const router = useRouter()
  const { id, name, definition } = linkedService
  const as = { schema: LinkedServiceDefinition, name }
  return (
    <FormPage
      schema={z.object({
        json: z.string().refine((text) => readResource(text, as).ok, 'Correct the problems first'),
        secret: z.string(),
      })}
      defaultValues={{ json: writeResource(name, definition), secret: '' }}
      submitLabel="Save definition"
      submitDisabledReason={refusal}
      action={async ({ json, secret }) => {
        const read = readResource(json, as)
        if (!read.ok)
          return { ok: false, error: { code: 'invalid_input', message: read.problems.join('. ') } }
        return await sealAndSave(
          { name, definition: read.definition, secret },
          { factoryId, linkedServiceId: id, before: linkedService, vaults },
        )
      }}
      onDone={() => {
        toast.ok(`Linked service ${name} is saved`)
        router.refresh()
      }}
    >
      <JsonField
        name="json"
        label={`Definition of linked service ${name}`}
        check={(text) => {
          const read = readResource(text, as)
          return read.ok ? [] : read.problems
        }}
      />
      <SecretWhereNeeded linkedService={linkedService} vaults={vaults} />
    </FormPage>
  )
}

function SecretWhereNeeded({ linkedService, vaults }: Pick<DefinitionFormProps, 'linkedService' | 'vaults'>) {
  const json = useWatch<{ json: string }, 'json'>({ name: 'json' })
  const read = readResource(json, { schema: LinkedServiceDefinition, name: linkedService.name })
  if (!read.ok) return null
  const address = storeAddress(read.definition)
  const kind = secretKindOf(address)
  if (kind === null) return null
  const runtimeId = findVault(vaults, read.definition.connectVia.referenceName)?.runtimeId ?? ''
  const before = { runtimeId: linkedService.runtimeId, address: storeAddress(linkedService.definition) }
  const again = whySecretAgain(before, { runtimeId, address })
  return (
    <SecretInputField
      name="secret"
      label={`The ${secretNames[kind]}`}
      className="max-w-120"
      placeholder={again ? '' : 'Unchanged'}
      hint={
        again
          ? `${again}: enter the ${secretNames[kind]} again.`
          : 'It stands in no definition. Sealed in this browser for the nodes of the runtime.'
      }
    />
  )
}
