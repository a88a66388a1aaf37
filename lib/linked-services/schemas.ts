import { z } from 'zod'
import { BrowsePath, ItemRef } from '@/lib/protocol/interactive'
import { Base64Url, Id, Iso, ResourceName } from '@/lib/protocol/scalars'
import { SealedCredential } from '@/lib/protocol/stores'

const ConnectVia = z.object({ referenceName: ResourceName, type: z.literal('IntegrationRuntimeReference') })
const common = {
  connectVia: ConnectVia,
  description: z.string().max(2000).optional(),
  annotations: z.array(z.string()).optional(),
}

/** Data Factory's JSON shape of a linked service (`properties`). Secrets never stand in it: `encryptedCredential` only says that one is sealed. */
export const LinkedServiceDefinition = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('PostgreSqlV2'),
    ...common,
    typeProperties: z.object({
      server: z.string().trim().min(1, 'Enter the host name or address').max(253),
      port: z.coerce
        .number()
        .int()
        .min(1, 'Use a port from 1 to 65535')
        .max(65535, 'Use a port from 1 to 65535')
        .default(5432),
      database: z.string().trim().min(1, 'Enter the database').max(63),
      username: z.string().trim().min(1, 'Enter the user name').max(63),
      authenticationType: z.literal('Basic').default('Basic'),
      sslMode: z.enum(['disable', 'require', 'verify-full']).default('require'),
      encryptedCredential: z.string().optional(),
    }),
  }),
  z.object({
    type: z.literal('AzureBlobStorage'),
    ...common,
    typeProperties: z.object({
      serviceEndpoint: z.url({
        protocol: /^https?$/,
        error: 'Enter an address that begins with https:// (or http:// for the emulator)',
      }),
      accountName: z.string().trim().min(1, 'Enter the account name').max(63),
      authenticationType: z.enum(['AccountKey', 'SasToken']).default('AccountKey'),
      encryptedCredential: z.string().optional(),
    }),
  }),
  z.object({
    type: z.literal('FileServer'),
    ...common,
    typeProperties: z.object({ host: z.string().trim().min(1, 'Enter a folder on the node').max(4096) }),
  }),
])
export type LinkedServiceDefinition = z.infer<typeof LinkedServiceDefinition>

/** `sealed` is made in the browser for the address that the definition gives; absent on update: the credential stays. */
export const SaveLinkedServiceInput = z.object({
  factoryId: Id,
  /** Chosen by the browser, because the sealed credential is bound to it. */
  linkedServiceId: Id,
  name: ResourceName,
  definition: LinkedServiceDefinition,
  sealed: SealedCredential.optional(),
  /** The `updatedAt` of what was edited: a change that somebody else made meanwhile is not overwritten. */
  basedOn: Iso.optional(),
})
export const DeleteLinkedServiceInput = z.object({ linkedServiceId: Id, confirmName: z.string() })

export const RequestConnectionTestInput = z.object({ linkedServiceId: Id })
export const RequestBrowseInput = z.object({
  linkedServiceId: Id,
  path: BrowsePath,
  filter: z.string().max(200).optional(),
})
export const RequestDescribeInput = z.object({ linkedServiceId: Id, item: ItemRef })
export const RequestPreviewInput = z.object({
  linkedServiceId: Id,
  item: ItemRef,
  limit: z.number().int().min(1).max(100).default(10),
  recipientKey: Base64Url,
  requestId: Id,
})
