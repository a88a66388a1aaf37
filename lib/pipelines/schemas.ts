import { z } from 'zod'
import { activityOrderIssues } from '@/lib/pipelines/activity-order'
import { SaveDatasetInput } from '@/lib/datasets/schemas'
import { verificationLevels } from '@/lib/protocol/copy-plan'
import { Id, Iso, ResourceName } from '@/lib/protocol/scalars'

const DatasetReference = z.object({ referenceName: ResourceName, type: z.literal('DatasetReference') })
const StoreReadSettings = z.object({
  type: z.enum(['AzureBlobStorageReadSettings', 'FileServerReadSettings']),
  recursive: z.boolean().default(true),
  wildcardFileName: z.string().max(1024).optional(),
})
const StoreWriteSettings = z.object({
  type: z.enum(['AzureBlobStorageWriteSettings', 'FileServerWriteSettings']),
  /** Ours: refuse to replace files, or replace those of the same name. */
  writeBehavior: z.enum(['append', 'overwrite']).default('overwrite'),
})
export const CopyActivitySource = z.discriminatedUnion('type', [
  /** `query` absent: the whole table of the input dataset. */
  z.object({ type: z.literal('PostgreSqlV2Source'), query: z.string().max(100_000).optional() }),
  z.object({ type: z.literal('DelimitedTextSource'), storeSettings: StoreReadSettings }),
  z.object({ type: z.literal('JsonSource'), storeSettings: StoreReadSettings }),
  z.object({ type: z.literal('ParquetSource'), storeSettings: StoreReadSettings }),
  z.object({ type: z.literal('BinarySource'), storeSettings: StoreReadSettings }),
])
export const CopyActivitySink = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('PostgreSqlV2Sink'),
    writeBehavior: z.enum(['insert', 'overwrite', 'upsert']).default('insert'),
    upsertSettings: z
      .object({ keys: z.array(z.string()).min(1, 'Choose at least one key column') })
      .optional(),
    tableOption: z.enum(['none', 'autoCreate']).default('autoCreate'),
  }),
  z.object({
    type: z.literal('DelimitedTextSink'),
    storeSettings: StoreWriteSettings,
    fileNamePrefix: z.string().max(200).default('part'),
  }),
  z.object({
    type: z.literal('JsonSink'),
    storeSettings: StoreWriteSettings,
    fileNamePrefix: z.string().max(200).default('part'),
  }),
  z.object({
    type: z.literal('ParquetSink'),
    storeSettings: StoreWriteSettings,
    fileNamePrefix: z.string().max(200).default('part'),
  }),
  z.object({ type: z.literal('BinarySink'), storeSettings: StoreWriteSettings }),
])
export const TabularTranslator = z.object({
  type: z.literal('TabularTranslator'),
  mappings: z
    .array(
      z.object({
        source: z.object({ name: z.string().min(1) }),
        sink: z.object({ name: z.string().min(1), type: z.string().optional() }),
      }),
    )
    .min(1),
})
const ActivityDependency = z.object({
  activity: z.string().min(1),
  dependencyConditions: z
    .array(z.literal('Succeeded', 'Only the condition "Succeeded" is known here'))
    .length(1, 'Give exactly one condition: "Succeeded"'),
})
/** Data Factory's copy activity, with `verification` as our own property. */
export const CopyActivity = z.object({
  name: z.string().trim().min(1, 'Name the activity').max(55, 'Use at most 55 characters'),
  type: z.literal('Copy', 'Only copy activities ("Copy") can run here'),
  description: z.string().max(2000).optional(),
  /** Activities without dependencies run side by side. */
  dependsOn: z.array(ActivityDependency).optional(),
  inputs: z.array(DatasetReference).length(1, 'A copy has exactly one input'),
  outputs: z.array(DatasetReference).length(1, 'A copy has exactly one output'),
  typeProperties: z.object({
    source: CopyActivitySource,
    sink: CopyActivitySink,
    translator: TabularTranslator.optional(),
    parallelCopies: z.number().int().min(1).max(256).optional(),
    verification: z.enum(verificationLevels).default('stream'),
  }),
})
export type CopyActivity = z.infer<typeof CopyActivity>
export const PipelineDefinition = z
  .object({
    description: z.string().max(2000).optional(),
    activities: z
      .array(CopyActivity)
      .min(1, 'A pipeline needs at least one activity')
      .max(80, 'Use at most 80 activities'),
    annotations: z.array(z.string()).optional(),
  })
  .superRefine(({ activities }, ctx) => {
    for (const { path, message } of activityOrderIssues(activities))
      ctx.addIssue({ code: 'custom', path: ['activities', ...path], message })
  })
export type PipelineDefinition = z.infer<typeof PipelineDefinition>

export const SavePipelineInput = z.object({
  factoryId: Id,
  pipelineId: Id.optional(),
  name: ResourceName,
  definition: PipelineDefinition,
  /** The `updatedAt` of what was edited: a change that somebody else made meanwhile is not overwritten. */
  basedOn: Iso.optional(),
})
export const DeletePipelineInput = z.object({ pipelineId: Id, confirmName: z.string() })
/** What the copy wizard saves: new datasets and the pipeline that names them, together or not at all. */
export const CreatePipelineWithDatasetsInput = z.object({
  factoryId: Id,
  datasets: z.array(SaveDatasetInput.pick({ name: true, definition: true })).max(160),
  pipeline: SavePipelineInput.pick({ name: true, definition: true }),
})
