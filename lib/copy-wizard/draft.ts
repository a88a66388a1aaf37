import { z } from 'zod'
import {
  Compression,
  CsvOptions,
  FileFormat,
  VerificationLevel,
  WriteBehavior,
} from '@/lib/protocol/copy-plan'

export const wizardSteps = ['source', 'sink', 'mapping', 'options', 'review'] as const
export type WizardStep = (typeof wizardSteps)[number]

export const StoreTable = z.object({ schema: z.string(), table: z.string() })
export type StoreTable = z.infer<typeof StoreTable>
const Csv = CsvOptions.extend({ delimiter: z.string().default(','), quote: z.string().default('"') })

/** One column of a mapping as it is edited. An empty `sinkType` keeps the natural counterpart. */
export const MappingRow = z.object({
  source: z.string(),
  include: z.boolean(),
  sink: z.string(),
  sinkType: z.string(),
})
export type MappingRow = z.infer<typeof MappingRow>

/**
 * Everything that was chosen or typed in the wizard: complete or not, valid or not, never a secret. It lives in the browser's
 * session storage, so each part has a default that an older or damaged draft falls back to.
 */
export const CopyDraft = z.object({
  source: z
    .object({
      linkedService: z.string().default(''),
      kind: z.enum(['tables', 'query', 'files']).default('tables'),
      tables: z.array(StoreTable).default([]),
      query: z.string().default(''),
      container: z.string().default(''),
      folder: z.string().default(''),
      /** A file, a wildcard, or empty for everything in the folder. */
      fileName: z.string().default(''),
      recursive: z.boolean().default(true),
      format: FileFormat.default('parquet'),
      csv: Csv.prefault({}),
    })
    .prefault({}),
  sink: z
    .object({
      linkedService: z.string().default(''),
      schema: z.string().default('public'),
      /** The table, or a pattern with {schema} and {table} for several. */
      table: z.string().default('{table}'),
      createTable: z.boolean().default(true),
      container: z.string().default(''),
      /** A folder; may hold {schema} and {table}. */
      folder: z.string().default('{table}'),
      fileName: z.string().default('part'),
      format: FileFormat.default('parquet'),
      compression: Compression.default('zstd'),
      csv: Csv.prefault({}),
    })
    .prefault({}),
  /** Edited mappings and upsert keys, by the key of the copy. */
  mappings: z.record(z.string(), z.array(MappingRow)).default({}),
  keys: z.record(z.string(), z.array(z.string())).default({}),
  options: z
    .object({
      writeBehavior: WriteBehavior.default('append'),
      verification: VerificationLevel.default('stream'),
      /** Empty: as many parts at once as there are free slots. */
      parallelCopies: z.string().default(''),
    })
    .prefault({}),
  /** Empty: the proposed name. */
  name: z.string().default(''),
})
export type CopyDraft = z.infer<typeof CopyDraft>

export const emptyDraft = (): CopyDraft => CopyDraft.parse({})

/** A linked service as the wizard sees it. */
export type WizardStore = {
  id: string
  name: string
  type: 'PostgreSql' | 'AzureBlobStorage' | 'FileServer'
  runtimeId: string
  runtimeName: string
}

/** Names do not differ by case alone. */
export function findStore<Store extends { name: string }>(
  stores: readonly Store[],
  name: string,
): Store | undefined {
  return stores.find((store) => store.name.toLowerCase() === name.toLowerCase())
}
