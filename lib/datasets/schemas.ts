import { z } from 'zod'
import { csvDialectProblems } from '@/lib/protocol/csv-dialect'
import { Id, Iso, ResourceName } from '@/lib/protocol/scalars'

const LinkedServiceReference = z.object({
  referenceName: ResourceName,
  type: z.literal('LinkedServiceReference'),
})
const Location = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('AzureBlobStorageLocation'),
    container: z.string().min(1, 'Enter the container').max(63),
    folderPath: z.string().max(1024).default(''),
    fileName: z.string().max(1024).optional(),
  }),
  z.object({
    type: z.literal('FileServerLocation'),
    folderPath: z.string().max(4096).default(''),
    fileName: z.string().max(1024).optional(),
  }),
])
const common = {
  linkedServiceName: LinkedServiceReference,
  description: z.string().max(2000).optional(),
  annotations: z.array(z.string()).optional(),
  /** Columns as last read from the store: `[{ name, type }]`. */
  schema: z.array(z.object({ name: z.string(), type: z.string() })).optional(),
}
const CompressionCodec = z.enum(['none', 'gzip', 'zstd']).default('none')

/** Data Factory's names for the marks of CSV. */
const csvProperties = { delimiter: 'columnDelimiter', quote: 'quoteChar', nullText: 'nullValue' } as const

/** Data Factory's JSON shape of a dataset (`properties`). */
export const DatasetDefinition = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('PostgreSqlV2Table'),
    ...common,
    /** Both absent: the database as such, for a copy activity that brings its own query. */
    typeProperties: z
      .object({
        schema: z.string().min(1, 'Enter the schema').max(63).optional(),
        table: z.string().min(1, 'Enter the table').max(63).optional(),
      })
      .refine(({ schema, table }) => (schema === undefined) === (table === undefined), {
        error: 'Give the schema and the table, or neither',
        path: ['table'],
      }),
  }),
  z.object({
    type: z.literal('DelimitedText'),
    ...common,
    typeProperties: z
      .object({
        location: Location,
        columnDelimiter: z.string().default(','),
        quoteChar: z.string().default('"'),
        firstRowAsHeader: z.boolean().default(true),
        nullValue: z.string().default(''),
        compressionCodec: CompressionCodec,
      })
      .superRefine(({ columnDelimiter: delimiter, quoteChar: quote, nullValue: nullText }, ctx) => {
        for (const [field, message] of csvDialectProblems({ delimiter, quote, nullText }))
          ctx.addIssue({ code: 'custom', message, path: [csvProperties[field]] })
      }),
  }),
  z.object({
    type: z.literal('Json'),
    ...common,
    typeProperties: z.object({ location: Location, compressionCodec: CompressionCodec }),
  }),
  z.object({
    type: z.literal('Parquet'),
    ...common,
    typeProperties: z.object({ location: Location, compressionCodec: CompressionCodec.default('zstd') }),
  }),
  z.object({ type: z.literal('Binary'), ...common, typeProperties: z.object({ location: Location }) }),
])
export type DatasetDefinition = z.infer<typeof DatasetDefinition>

export const SaveDatasetInput = z.object({
  factoryId: Id,
  datasetId: Id.optional(),
  name: ResourceName,
  definition: DatasetDefinition,
  /** The `updatedAt` of what was edited: a change that somebody else made meanwhile is not overwritten. */
  basedOn: Iso.optional(),
})
export const DeleteDatasetInput = z.object({ datasetId: Id, confirmName: z.string() })
