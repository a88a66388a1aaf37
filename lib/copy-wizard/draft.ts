import type { z } from 'zod'
import type {
  compressions,
  CsvOptions,
  FileFormat,
  VerificationLevel,
  writeBehaviors,
} from '@/lib/protocol/copy-plan'

export const wizardSteps = ['source', 'sink', 'mapping', 'options', 'review'] as const
export type WizardStep = (typeof wizardSteps)[number]

export type StoreTable = { schema: string; table: string }
/** One column of a mapping as it is edited. An empty `sinkType` keeps the natural counterpart. */
export type MappingRow = { source: string; include: boolean; sink: string; sinkType: string }
type Csv = z.infer<typeof CsvOptions>

/**
 * Everything that was chosen or typed in the wizard: complete or not, valid or not, never a secret. It lives in the browser's
 * session storage (draft-schema.ts).
 */
export type CopyDraft = {
  source: {
    linkedService: string
    kind: 'tables' | 'query' | 'files'
    tables: StoreTable[]
    query: string
    container: string
    folder: string
    /** A file, a wildcard, or empty for everything in the folder. */
    fileName: string
    recursive: boolean
    format: FileFormat
    csv: Csv
  }
  sink: {
    linkedService: string
    schema: string
    /** The table, or a pattern with {schema} and {table} for several. */
    table: string
    createTable: boolean
    container: string
    /** A folder; may hold {schema} and {table}. */
    folder: string
    fileName: string
    format: FileFormat
    compression: (typeof compressions)[number]
    csv: Csv
  }
  /** Edited mappings and upsert keys, by the key of the copy. */
  mappings: Record<string, MappingRow[]>
  keys: Record<string, string[]>
  options: {
    writeBehavior: (typeof writeBehaviors)[number]
    verification: z.infer<typeof VerificationLevel>
    /** Empty: as many parts at once as there are free slots. */
    parallelCopies: string
  }
  /** Empty: the proposed name. */
  name: string
}

const csv = (): Csv => ({ delimiter: ',', quote: '"', header: true, nullText: '' })

/** Said without zod, so that the page need not wait for it. */
export function emptyDraft(): CopyDraft {
  return {
    source: {
      linkedService: '',
      kind: 'tables',
      tables: [],
      query: '',
      container: '',
      folder: '',
      fileName: '',
      recursive: true,
      format: 'parquet',
      csv: csv(),
    },
    sink: {
      linkedService: '',
      schema: 'public',
      table: '{table}',
      createTable: true,
      container: '',
      folder: '{table}',
      fileName: 'part',
      format: 'parquet',
      compression: 'zstd',
      csv: csv(),
    },
    mappings: {},
    keys: {},
    options: { writeBehavior: 'append', verification: 'stream', parallelCopies: '' },
    name: '',
  }
}

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
