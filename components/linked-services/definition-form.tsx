'use client'

import { useRouter } from 'next/navigation'
import { useCallback, useState } from 'react'
import { useFormState, useWatch } from 'react-hook-form'
import { FormPage } from '@/components/form/form-page'
import { JsonField } from '@/components/form/json-field'
import { leftOutOf } from '@/components/form/left-out'
import { LeftOutCallout } from '@/components/form/left-out-callout'
import { type ReadResource, readResource, resourceForm, writeResource } from '@/components/form/resource-json'
import { type Reader, useLateReader } from '@/components/form/use-late-reader'
import { SecretInputField } from '@/components/form/secret-input-field'
import type { EditedLinkedService } from '@/components/linked-services/form-values'
import { sealAndSave } from '@/components/linked-services/save-linked-service'
import { useVault } from '@/components/linked-services/use-vaults'
import { toast } from '@/components/ui/toast'
import { secretKindOf, secretNames, storeAddress, whySecretAgain } from '@/lib/linked-services/address'
import type { RuntimeVaults } from '@/lib/linked-services/queries'
import type { LinkedServiceDefinition } from '@/lib/linked-services/schemas'

type DefinitionFormProps = {
  factory: { id: string; name: string }
  linkedService: EditedLinkedService
  vaults: RuntimeVaults
  /** Why this person may not change it; null where they may. */
  refusal: string | null
}

/** The linked service in Data Factory's JSON. An address that changes here too asks for its secret again. */
export function DefinitionForm({ factory, linkedService, vaults, refusal }: DefinitionFormProps) {
  const router = useRouter()
  const [ignored, setIgnored] = useState<string[]>([])
  const { id, name, definition } = linkedService
  const loadReader = useCallback(async () => {
    const schemas = await import('@/lib/linked-services/schemas')
    return (text: string) => readResource(text, { schema: schemas.LinkedServiceDefinition, name })
  }, [name])
  return (
    <FormPage
      schema={() => resourceForm(loadReader)}
      defaultValues={{ json: writeResource(name, definition), secret: '' }}
      submitLabel="Save definition"
      submitDisabledReason={refusal}
      action={async ({ json, secret }) => {
        const read = (await loadReader())(json)
        if (!read.ok)
          return { ok: false, error: { code: 'invalid_input', message: read.problems.join('. ') } }
        setIgnored(leftOutOf(json, read.definition))
        return await sealAndSave(
          { name, definition: read.definition, secret: secret ?? '' },
          {
            factory,
            linkedServiceId: id,
            before: linkedService,
            vaults,
            basedOn: linkedService.updatedAt,
          },
        )
      }}
      reset={(saved) => ({ ...saved, secret: '' })}
      onDone={() => {
        toast.ok(`Linked service ${name} is saved`)
        router.refresh()
      }}
    >
      <JsonField name="json" label={`Definition of linked service ${name}`} reader={loadReader} />
      <SecretWhereNeeded
        factory={factory}
        linkedService={linkedService}
        vaults={vaults}
        loadReader={loadReader}
      />
      <LeftOutCallout paths={ignored} />
    </FormPage>
  )
}

type SecretWhereNeededProps = Pick<DefinitionFormProps, 'factory' | 'linkedService' | 'vaults'> & {
  loadReader: () => Promise<Reader<LinkedServiceDefinition>>
}

function SecretWhereNeeded({ factory, linkedService, vaults, loadReader }: SecretWhereNeededProps) {
  const json = useWatch<{ json: string }, 'json'>({ name: 'json' })
  const changed = useFormState({ name: 'json' }).isDirty
  const read = useLateReader(loadReader, changed)
  const definition = changed ? definitionOf(read?.(json)) : linkedService.definition
  const vault = useVault(factory.name, vaults, definition?.connectVia.referenceName ?? '')
  if (!definition) return null
  const address = storeAddress(definition)
  const kind = secretKindOf(address)
  if (kind === null) return null
  const runtimeId = vault?.runtimeId ?? ''
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

function definitionOf(
  read: ReadResource<LinkedServiceDefinition> | undefined,
): LinkedServiceDefinition | null {
  return read?.ok ? read.definition : null
}
