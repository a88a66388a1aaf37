import { z } from 'zod'
import { FilesSink } from '../../../lib/protocol/copy-plan.ts'
import type { StagedFile } from '../../connectors/connector.ts'
import type { PgColumn } from '../rows.ts'

/** A staged file as it travels from part to publish. */
export const StagedFileResult = z.object({
  path: z.string(),
  stagedPath: z.string(),
  epoch: z.number().int(),
  sizeBytes: z.number().int().nonnegative(),
  md5: z.string(),
}) satisfies z.ZodType<StagedFile>

/** A column of rows in a file. */
export const FileColumn = z.object({
  name: z.string(),
  typeOid: z.number(),
  typmod: z.number(),
  type: z.string(),
  nullable: z.boolean(),
}) satisfies z.ZodType<PgColumn>

/** What a thread needs to read a staged file of rows again. */
export const StagedReading = z.object({
  sink: FilesSink,
  columns: z.array(FileColumn),
  file: StagedFileResult,
})
export type StagedReading = z.infer<typeof StagedReading>
