import { z } from 'zod'
import { Base64Url, Id } from './scalars.ts'

/** How a store is reached, without any secret. `type` values are Data Factory's linked-service types. */
export const PostgreSqlAddress = z.object({
  type: z.literal('PostgreSql'),
  host: z.string().min(1).max(253),
  port: z.number().int().min(1).max(65535),
  database: z.string().min(1).max(63),
  username: z.string().min(1).max(63),
  sslMode: z.enum(['disable', 'require', 'verify-full']),
})
export const AzureBlobStorageAddress = z.object({
  type: z.literal('AzureBlobStorage'),
  /** For example `https://account.blob.core.windows.net` or, for the emulator, `http://127.0.0.1:10000/devstoreaccount1`. */
  serviceEndpoint: z.url({ protocol: /^https?$/ }),
  authenticationType: z.enum(['AccountKey', 'SasToken']),
  /** Needed to sign with an account key; otherwise informative. */
  accountName: z.string().min(1).max(63),
})
export const FileServerAddress = z.object({
  type: z.literal('FileServer'),
  /** A folder on the node; the node opens only folders that its own configuration allows. */
  host: z.string().min(1).max(4096),
})
export const StoreAddress = z.discriminatedUnion('type', [
  PostgreSqlAddress,
  AzureBlobStorageAddress,
  FileServerAddress,
])
export type StoreAddress = z.infer<typeof StoreAddress>
export type PostgreSqlAddress = z.infer<typeof PostgreSqlAddress>
export type AzureBlobStorageAddress = z.infer<typeof AzureBlobStorageAddress>
export type FileServerAddress = z.infer<typeof FileServerAddress>

export const storeTypes = ['PostgreSql', 'AzureBlobStorage', 'FileServer'] as const
export type StoreType = (typeof storeTypes)[number]

/** What is sealed in the browser and opened only on a node. */
export const StoreSecret = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('password'), password: z.string().max(4096) }),
  z.object({ kind: z.literal('accountKey'), accountKey: z.string().max(4096) }),
  z.object({ kind: z.literal('sasToken'), sasToken: z.string().max(8192) }),
])
export type StoreSecret = z.infer<typeof StoreSecret>

/** A sealed credential as it travels: the portal can neither open it nor move it to another address (blueprint, section 7). */
export const SealedCredential = z.object({
  linkedServiceId: Id,
  version: z.number().int().positive(),
  generation: z.number().int().positive(),
  /** HPKE encapsulated key. */
  enc: Base64Url,
  ciphertext: Base64Url.max(32_768),
})
export type SealedCredential = z.infer<typeof SealedCredential>

/** A linked service as a task names it. `credentialVersion` is 0 where the store needs no secret (File system). */
export const StoreRef = z.object({
  linkedServiceId: Id,
  linkedServiceName: z.string(),
  runtimeId: Id,
  address: StoreAddress,
  credentialVersion: z.number().int().nonnegative(),
})
export type StoreRef = z.infer<typeof StoreRef>
