import { z } from 'zod'
import { maxNullText } from './csv-dialect.ts'
import { Count, Digits, Hex, Id } from './scalars.ts'
import { StoreRef } from './stores.ts'

export const fileFormats = ['csv', 'jsonl', 'parquet', 'binary'] as const
export const FileFormat = z.enum(fileFormats)
export type FileFormat = z.infer<typeof FileFormat>

/** `lz` names: none, gzip for text formats, zstd inside Parquet (and for text formats). */
export const compressions = ['none', 'gzip', 'zstd'] as const
export const Compression = z.enum(compressions)

export const CsvOptions = z.object({
  delimiter: z.string().length(1).default(','),
  quote: z.string().length(1).default('"'),
  header: z.boolean().default(true),
  /** Unquoted text that means NULL; a quoted empty string stays an empty string. */
  nullText: z.string().max(maxNullText).default(''),
})

export const TableSource = z.object({
  kind: z.literal('table'),
  store: StoreRef,
  schema: z.string().min(1),
  table: z.string().min(1),
})
export const QuerySource = z.object({
  kind: z.literal('query'),
  store: StoreRef,
  query: z.string().min(1).max(100_000),
})
export const FilesSource = z.object({
  kind: z.literal('files'),
  store: StoreRef,
  /** Blob container; absent for File system. */
  container: z.string().optional(),
  /** Folder below the container or the linked service's folder; '' is the root. */
  folder: z.string().default(''),
  /** One file name, or a wildcard with * and ?. */
  fileName: z.string().default('*'),
  recursive: z.boolean().default(true),
  format: FileFormat,
  csv: CsvOptions.optional(),
})
export const CopySource = z.discriminatedUnion('kind', [TableSource, QuerySource, FilesSource])
export type CopySource = z.infer<typeof CopySource>

export const writeBehaviors = ['append', 'overwrite', 'upsert'] as const
export const WriteBehavior = z.enum(writeBehaviors)
export const TableSink = z.object({
  kind: z.literal('table'),
  store: StoreRef,
  schema: z.string().min(1),
  table: z.string().min(1),
  writeBehavior: WriteBehavior,
  /** Create the table from the mapping where it is missing (Data Factory's tableOption autoCreate). */
  createTable: z.boolean().default(true),
  /** Key columns of an upsert. */
  keys: z.array(z.string()).default([]),
})
export const FilesSink = z.object({
  kind: z.literal('files'),
  store: StoreRef,
  container: z.string().optional(),
  folder: z.string().default(''),
  /** File name without extension and part number; for binary the source names are kept. */
  fileName: z.string().default('part'),
  format: FileFormat,
  compression: Compression.default('none'),
  csv: CsvOptions.optional(),
  /** `overwrite` replaces files of the same name; `append` refuses to replace any. */
  writeBehavior: z.enum(['append', 'overwrite']),
})
export const CopySink = z.discriminatedUnion('kind', [TableSink, FilesSink])
export type CopySink = z.infer<typeof CopySink>

/** One column of the mapping. An absent `sinkType` keeps the natural counterpart of the source type. */
export const ColumnMapping = z.object({
  source: z.string(),
  sink: z.string(),
  sinkType: z.string().optional(),
})
export type ColumnMapping = z.infer<typeof ColumnMapping>

export const verificationLevels = ['counts', 'stream', 'content'] as const
export const VerificationLevel = z.enum(verificationLevels)
export type VerificationLevel = z.infer<typeof VerificationLevel>

export const CopyOptions = z.object({
  verification: VerificationLevel.default('stream'),
  /** Upper limit of parts that run at the same time over all nodes; absent: the number of free slots. */
  parallelCopies: z.number().int().min(1).max(256).optional(),
})
export type CopyOptions = z.infer<typeof CopyOptions>

/** Everything a copy needs, resolved by the portal from pipeline, datasets and linked services. */
export const CopySpec = z.object({
  pipelineRunId: Id,
  /** Also the run id of the sink's ledger. A retry keeps it, so that finished parts stay finished. */
  activityRunId: Id,
  activityName: z.string(),
  source: CopySource,
  sink: CopySink,
  /** Absent: by column name. */
  mapping: z.array(ColumnMapping).min(1).optional(),
  options: CopyOptions,
})
export type CopySpec = z.infer<typeof CopySpec>

/** A column as a store describes it. */
export const StoreColumn = z.object({
  name: z.string(),
  /** The store's own type text, for example `numeric(12,2)` or Parquet's `DECIMAL(12,2)`. */
  type: z.string(),
  nullable: z.boolean().optional(),
  isKey: z.boolean().optional(),
})
export type StoreColumn = z.infer<typeof StoreColumn>

export const guarantees = ['exactly-once', 'at-least-once'] as const
export const canonicalForms = ['pg-binary', 'pg-text', 'csv', 'json', 'bytes'] as const

/** One independent piece of a copy. `engine` is the engine's own description of the range: opaque to the portal. */
export const CopyPart = z.object({
  index: Count,
  /** For people: `blocks 0–8191`, `flights-2.parquet`. */
  label: z.string().max(500),
  estimatedRows: Digits.optional(),
  estimatedBytes: Digits.optional(),
  engine: z.record(z.string(), z.unknown()),
})
export type CopyPart = z.infer<typeof CopyPart>

/** What `prepare` decided. Parts and publish receive it unchanged. */
export const CopyPlan = z.object({
  guarantee: z.enum(guarantees),
  /** Why at-least-once, or how exactly-once is kept (`ledger`, `one transaction`, `one block list per file`). */
  guaranteeReason: z.string(),
  verification: VerificationLevel,
  /** Parts stand in the target as soon as they commit, whatever becomes of the copy: an append without staging. */
  writesThrough: z.boolean().optional(),
  canonicalForm: z.enum(canonicalForms),
  columns: z.array(z.object({ source: StoreColumn, sink: StoreColumn, lossy: z.string().optional() })),
  parts: z.array(CopyPart).max(10_000),
  /** The exported snapshot that parts import while the preparing node keeps it open; absent for stores without snapshots. */
  snapshot: z.object({ id: z.string(), holdId: Id }).optional(),
  /** At most so many parts at once, whatever the options say (1 where one transaction keeps the guarantee). */
  maxParallelParts: z.number().int().positive(),
  /** Engine's own data for parts and publish: staging names, transport. */
  engine: z.record(z.string(), z.unknown()),
  warnings: z.array(z.string()).default([]),
})
export type CopyPlan = z.infer<typeof CopyPlan>

/** The end of a part, as verified by the node. Digests are lower-case hex. */
export const PartResult = z.object({
  rowsRead: Digits,
  rowsWritten: Digits,
  bytesRead: Digits,
  bytesWritten: Digits,
  readDigest: Hex,
  writtenDigest: Hex,
  /** Rows that an earlier attempt had committed before this one resumed. */
  rowsResumed: Digits.default('0'),
  snapshot: z.enum(['shared', 'own', 'none']),
  durationMs: z.number().nonnegative(),
  engine: z.record(z.string(), z.unknown()).default({}),
})
export type PartResult = z.infer<typeof PartResult>

/** What a copy can say of itself once it is published. */
export const CopyReceipt = z.object({
  rowsRead: Digits,
  rowsWritten: Digits,
  bytesRead: Digits,
  bytesWritten: Digits,
  sourceDigest: Hex,
  sinkDigest: Hex,
  guarantee: z.enum(guarantees),
  guaranteeReason: z.string(),
  verification: VerificationLevel,
  /** What was compared, in one sentence per check. */
  checks: z.array(z.string()),
  canonicalForm: z.enum(canonicalForms),
  snapshot: z.enum(['single', 'per part', 'none']),
  /** Server and agent versions: `PostgreSQL 18.4`, `agent 0.1.0`. */
  versions: z.array(z.object({ role: z.string(), version: z.string() })),
  filesWritten: z
    .array(z.object({ path: z.string(), sizeBytes: Digits, md5: z.string().optional() }))
    .max(10_000)
    .default([]),
})
export type CopyReceipt = z.infer<typeof CopyReceipt>

/** Live counters of one task. Bytes are bytes handed to the sink. */
export const CopyProgress = z.object({
  phase: z.enum(['connecting', 'planning', 'copying', 'verifying', 'publishing', 'cleaning']),
  rows: Digits,
  bytes: Digits,
  totalRows: Digits.optional(),
  totalBytes: Digits.optional(),
})
export type CopyProgress = z.infer<typeof CopyProgress>
