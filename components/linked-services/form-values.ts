import { z } from 'zod'
import { LinkedServiceDefinition } from '@/lib/linked-services/schemas'
import { ResourceName } from '@/lib/protocol/scalars'

/** What the form holds: the command's input, with the secret as it is typed. Only its sealed form leaves the browser. */
export const LinkedServiceFormInput = z.object({
  name: ResourceName,
  definition: LinkedServiceDefinition,
  secret: z.string().max(8192, 'Use at most 8,192 characters'),
})
export type LinkedServiceFormValues = z.input<typeof LinkedServiceFormInput>
export type DefinitionType = LinkedServiceDefinition['type']

/** A linked service to edit, as much of it as the form needs. */
export type EditedLinkedService = {
  id: string
  name: string
  definition: LinkedServiceDefinition
  credentialVersion: number
  isCredentialLost: boolean
  runtimeId: string
  updatedAt: Date
}

/** A definition with the fields that its form shows, still to be filled. */
export function emptyDefinition(
  type: DefinitionType,
  runtimeName: string,
): LinkedServiceFormValues['definition'] {
  const connectVia = { referenceName: runtimeName, type: 'IntegrationRuntimeReference' as const }
  if (type === 'PostgreSqlV2')
    return {
      type,
      connectVia,
      typeProperties: {
        server: '',
        port: 5432,
        database: '',
        username: '',
        authenticationType: 'Basic',
        sslMode: 'require',
      },
    }
  if (type === 'AzureBlobStorage')
    return {
      type,
      connectVia,
      typeProperties: { serviceEndpoint: '', accountName: '', authenticationType: 'AccountKey' },
    }
  return { type, connectVia, typeProperties: { host: '' } }
}
