import { z } from 'zod'
import { CsvOptions, FileFormat, StoreColumn } from './copy-plan.ts'
import { Base64Url, Digits, Iso } from './scalars.ts'

/** The steps of a connection test, in order; a test stops at the first that fails. */
export const connectionSteps = ['credential', 'policy', 'dns', 'tcp', 'tls', 'login', 'permission'] as const
export const TestConnectionResult = z.object({
  ok: z.boolean(),
  steps: z.array(
    z.object({
      step: z.enum(connectionSteps),
      ok: z.boolean(),
      durationMs: z.number().nonnegative(),
      detail: z.string().max(2000),
    }),
  ),
  serverVersion: z.string().optional(),
})
export type TestConnectionResult = z.infer<typeof TestConnectionResult>

/** Where to look: `[]` is the store's root, `['public']` a schema, `['lake','raw']` a container and a folder. */
export const BrowsePath = z.array(z.string()).max(64)
export const BrowseItem = z.object({
  name: z.string(),
  kind: z.enum(['schema', 'table', 'view', 'container', 'folder', 'file']),
  estimatedRows: Digits.optional(),
  sizeBytes: Digits.optional(),
  modifiedAt: Iso.optional(),
})
export const BrowseResult = z.object({ items: z.array(BrowseItem), truncated: z.boolean() })
export type BrowseResult = z.infer<typeof BrowseResult>

/** One table or file, for its columns or its first rows. */
export const ItemRef = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('table'), schema: z.string(), table: z.string() }),
  z.object({ kind: z.literal('query'), query: z.string().max(100_000) }),
  z.object({
    kind: z.literal('file'),
    container: z.string().optional(),
    path: z.string(),
    format: FileFormat,
    csv: CsvOptions.optional(),
  }),
])
export type ItemRef = z.infer<typeof ItemRef>
export const DescribeResult = z.object({ columns: z.array(StoreColumn), estimatedRows: Digits.optional() })
export type DescribeResult = z.infer<typeof DescribeResult>

/** Plain form of a preview, before it is sealed for the asking browser. `null` is SQL NULL. */
export const PreviewRows = z.object({
  columns: z.array(StoreColumn),
  rows: z.array(z.array(z.string().nullable())).max(100),
})
export type PreviewRows = z.infer<typeof PreviewRows>
/** HPKE for the browser's one-time X25519 key; the portal relays it unread. */
export const SealedPreview = z.object({ enc: Base64Url, ciphertext: Base64Url })
export type SealedPreview = z.infer<typeof SealedPreview>
