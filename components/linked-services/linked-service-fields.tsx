'use client'

import Link from 'next/link'
import { useFormContext, useWatch } from 'react-hook-form'
import { RadioField } from '@/components/form/choice-field'
import { useFieldError } from '@/components/form/use-field-error'
import { SecretInputField } from '@/components/form/secret-input-field'
import { SelectField, TextareaField, TextField } from '@/components/form/text-field'
import {
  emptyDefinition,
  type DefinitionType,
  type EditedLinkedService,
  type LinkedServiceFormValues,
} from '@/components/linked-services/form-values'
import { StoreFields } from '@/components/linked-services/store-fields'
import { useVault, useVaultChoices } from '@/components/linked-services/use-vaults'
import { StoreFilter } from '@/components/stores/store-filter'
import { Callout } from '@/components/ui/callout'
import { secretKindOf, secretNames, storeAddress, whySecretAgain } from '@/lib/linked-services/address'
import type { RuntimeVault, RuntimeVaults } from '@/lib/linked-services/queries'
import { LinkedServiceDefinition } from '@/lib/linked-services/schemas'
import { paths } from '@/lib/paths'
import type { StoreSecret } from '@/lib/protocol/stores'

type LinkedServiceFieldsProps = {
  factoryName: string
  vaults: RuntimeVaults
  before: EditedLinkedService | null
}

/** The whole form of a linked service: kind, name, address, secret, and the runtime whose nodes reach it. */
export function LinkedServiceFields({ factoryName, vaults, before }: LinkedServiceFieldsProps) {
  const type = useWatch<LinkedServiceFormValues, 'definition.type'>({ name: 'definition.type' })
  return (
    <>
      {before ? null : (
        <>
          <TypeChoice />
          <TextField
            name="name"
            label="Name"
            hint="Letters, digits and hyphens. Datasets say it, so it cannot change later"
            autoComplete="off"
            spellCheck={false}
          />
        </>
      )}
      <RuntimeChoice factoryName={factoryName} vaults={vaults} />
      <StoreFields type={type} />
      <Secret factoryName={factoryName} vaults={vaults} before={before} />
      <TextareaField name="definition.description" label="Description" rows={2} optional />
    </>
  )
}

function RuntimeChoice({ factoryName, vaults }: Pick<LinkedServiceFieldsProps, 'factoryName' | 'vaults'>) {
  const shown = useVaultChoices(factoryName, vaults)
  const chosen = useWatch<LinkedServiceFormValues, 'definition.connectVia.referenceName'>({
    name: 'definition.connectVia.referenceName',
  })
  const options = shown.rows.map(({ runtimeName, nodeCount }) => ({
    value: runtimeName,
    label: nodeCount === 0 ? `${runtimeName} (no node yet)` : runtimeName,
  }))
  // What is chosen stays, whatever the filter finds.
  if (chosen && !options.some(({ value }) => value === chosen))
    options.unshift({ value: chosen, label: chosen })
  return (
    <div>
      <StoreFilter
        shown={shown}
        what={['integration runtime', 'integration runtimes']}
        placeholder="Filter by name"
      />
      <SelectField
        name="definition.connectVia.referenceName"
        label="Integration runtime"
        hint="Its nodes reach the store"
        options={options}
      />
    </div>
  )
}

const types = [
  { value: 'PostgreSqlV2', label: 'PostgreSQL', hint: 'Tables and queries of a database' },
  { value: 'AzureBlobStorage', label: 'Azure Blob Storage', hint: 'Containers of a storage account' },
  { value: 'FileServer', label: 'File system', hint: 'A folder on the nodes' },
]

/** Another kind of store has other fields: they begin empty, the runtime and the description stay. */
function TypeChoice() {
  const { setValue, getValues } = useFormContext<LinkedServiceFormValues>()
  return (
    <div
      onChange={(event) => {
        if (!(event.target instanceof HTMLInputElement)) return
        const { connectVia, description } = getValues('definition')
        const fresh = emptyDefinition(event.target.value as DefinitionType, connectVia.referenceName)
        setValue('definition', description === undefined ? fresh : { ...fresh, description })
        setValue('secret', '')
      }}
    >
      <RadioField name="definition.type" label="Kind of store" options={types} />
    </div>
  )
}

/** The secret, and why it is asked for (again). */
function Secret({ factoryName, vaults, before }: LinkedServiceFieldsProps) {
  const definition = useWatch<LinkedServiceFormValues, 'definition'>({ name: 'definition' })
  const refused = useFieldError('secret')
  const vault = useVault(factoryName, vaults, definition.connectVia.referenceName)
  const kind = kindOf(definition)
  if (kind === null) return null
  const why = before ? whyAgain(definition, { before, runtimeId: vault?.runtimeId ?? '' }) : null
  const again = why ? `${why}: enter the ${secretNames[kind]} again.` : null
  return (
    <>
      {vault && !vault.publicKey ? <NoVault factoryName={factoryName} vault={vault} kind={kind} /> : null}
      <SecretInputField
        name="secret"
        label={label(kind)}
        placeholder={before && !again ? 'Unchanged' : ''}
        hint={
          refused
            ? undefined
            : (again ?? 'Sealed in this browser for the nodes of the runtime. The portal cannot read it.')
        }
      />
    </>
  )
}

type NoVaultProps = { factoryName: string; vault: RuntimeVault; kind: StoreSecret['kind'] }

function NoVault({ factoryName, vault, kind }: NoVaultProps) {
  return (
    <Callout tone="warn" title={`${vault.runtimeName} has no node yet`}>
      <p>
        The {secretNames[kind]} is sealed for the nodes, and the first node makes the key for it.{' '}
        <Link
          className="font-medium text-accent-text underline"
          href={paths.runtime(factoryName, vault.runtimeName, 'install')}
        >
          Register a node of {vault.runtimeName}
        </Link>{' '}
        first.
      </p>
    </Callout>
  )
}

type FormDefinition = LinkedServiceFormValues['definition']

function kindOf(definition: FormDefinition): StoreSecret['kind'] | null {
  if (definition.type === 'PostgreSqlV2') return 'password'
  if (definition.type === 'FileServer') return null
  return definition.typeProperties.authenticationType === 'SasToken' ? 'sasToken' : 'accountKey'
}

/** While something typed is not valid yet, its own field says so; the secret need not. */
function whyAgain(
  definition: FormDefinition,
  { before, runtimeId }: { before: EditedLinkedService; runtimeId: string },
): string | null {
  const parsed = LinkedServiceDefinition.safeParse(definition)
  if (!parsed.success) return null
  const stored = { runtimeId: before.runtimeId, address: storeAddress(before.definition) }
  if (secretKindOf(stored.address) === null) return null
  if (before.isCredentialLost) return 'The last node that could open it was removed'
  return whySecretAgain(stored, { runtimeId, address: storeAddress(parsed.data) })
}

function label(kind: StoreSecret['kind']): string {
  const name = secretNames[kind]
  return name.charAt(0).toUpperCase() + name.slice(1)
}
