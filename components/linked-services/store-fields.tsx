'use client'

import { RadioField } from '@/components/form/choice-field'
import { NumberField, SelectField, TextField } from '@/components/form/text-field'
import type { DefinitionType } from '@/components/linked-services/form-values'

const at = 'definition.typeProperties'

/** Where a store is and who signs in, per kind of store; the secret follows in a field of its own. */
export function StoreFields({ type }: { type: DefinitionType }) {
  if (type === 'PostgreSqlV2') return <PostgreSqlFields />
  return type === 'AzureBlobStorage' ? <AzureBlobFields /> : <FileSystemFields />
}

function PostgreSqlFields() {
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-[1fr_112px]">
        <TextField
          name={`${at}.server`}
          label="Host"
          hint="As the nodes reach it, not as this browser does"
          placeholder="db.example.com"
          autoComplete="off"
          spellCheck={false}
        />
        <NumberField name={`${at}.port`} label="Port" min={1} max={65535} />
      </div>
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField name={`${at}.database`} label="Database" autoComplete="off" spellCheck={false} />
        <TextField name={`${at}.username`} label="User name" autoComplete="off" spellCheck={false} />
      </div>
      <SelectField name={`${at}.sslMode`} label="Encryption" options={sslModes} />
    </>
  )
}

const sslModes = [
  { value: 'verify-full', label: 'Encrypted, certificate and host name checked (verify-full)' },
  { value: 'require', label: 'Encrypted, certificate not checked (require)' },
  { value: 'disable', label: 'Not encrypted (disable)' },
]

function AzureBlobFields() {
  return (
    <>
      <TextField
        name={`${at}.serviceEndpoint`}
        label="Endpoint"
        hint="The blob service of the account, or the address of an emulator"
        placeholder="https://account.blob.core.windows.net"
        inputMode="url"
        autoComplete="off"
        spellCheck={false}
      />
      <TextField name={`${at}.accountName`} label="Account name" autoComplete="off" spellCheck={false} />
      <RadioField name={`${at}.authenticationType`} label="Sign in with" options={authentications} />
    </>
  )
}

const authentications = [
  { value: 'AccountKey', label: 'Account key', hint: 'Opens the whole account' },
  {
    value: 'SasToken',
    label: 'Shared access signature',
    hint: 'Opens what it was made for, until it expires',
  },
]

function FileSystemFields() {
  return (
    <TextField
      name={`${at}.host`}
      label="Folder"
      hint="On each node. A node opens only folders that its own configuration allows (--allow-folder)"
      placeholder="/srv/exports"
      autoComplete="off"
      spellCheck={false}
    />
  )
}
