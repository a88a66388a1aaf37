import { z } from 'zod'
import { type CopyDraft as Draft, emptyDraft } from '@/lib/copy-wizard/draft'
import {
  Compression,
  CsvOptions,
  FileFormat,
  VerificationLevel,
  WriteBehavior,
} from '@/lib/protocol/copy-plan'

const empty = emptyDraft()
/** As typed, valid or not: one wrong text must not cost the whole draft at the next reload. */
const Csv = CsvOptions.extend({
  delimiter: z.string().default(','),
  quote: z.string().default('"'),
  nullText: z.string().default(''),
})
const Source = z.object({
  linkedService: z.string().default(empty.source.linkedService),
  kind: z.enum(['tables', 'query', 'files']).default(empty.source.kind),
  tables: z.array(z.object({ schema: z.string(), table: z.string() })).default([]),
  query: z.string().default(''),
  container: z.string().default(''),
  folder: z.string().default(''),
  fileName: z.string().default(''),
  recursive: z.boolean().default(empty.source.recursive),
  format: FileFormat.default(empty.source.format),
  csv: Csv.prefault({}),
})
const Sink = z.object({
  linkedService: z.string().default(empty.sink.linkedService),
  schema: z.string().default(empty.sink.schema),
  table: z.string().default(empty.sink.table),
  createTable: z.boolean().default(empty.sink.createTable),
  container: z.string().default(''),
  folder: z.string().default(empty.sink.folder),
  fileName: z.string().default(empty.sink.fileName),
  format: FileFormat.default(empty.sink.format),
  compression: Compression.default(empty.sink.compression),
  csv: Csv.prefault({}),
})
const MappingRow = z.object({
  source: z.string(),
  include: z.boolean(),
  sink: z.string(),
  sinkType: z.string(),
})
const Options = z.object({
  writeBehavior: WriteBehavior.default(empty.options.writeBehavior),
  verification: VerificationLevel.default(empty.options.verification),
  parallelCopies: z.string().default(''),
})

/** What the browser kept: each part has a default that an older or damaged draft falls back to. */
export const CopyDraft: z.ZodType<Draft> = z.object({
  source: Source.prefault({}),
  sink: Sink.prefault({}),
  mappings: z.record(z.string(), z.array(MappingRow)).default({}),
  keys: z.record(z.string(), z.array(z.string())).default({}),
  options: Options.prefault({}),
  name: z.string().default(''),
})
export type CopyDraft = Draft
