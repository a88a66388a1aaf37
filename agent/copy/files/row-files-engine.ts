import { z } from 'zod'
import type { PgColumn } from '../rows.ts'
import { TablePartEngine } from '../table/source-parts.ts'
import { FilesSinkEngine } from './files-sink.ts'

const Column = z.object({
  name: z.string(),
  typeOid: z.number(),
  typmod: z.number(),
  type: z.string(),
  nullable: z.boolean(),
}) satisfies z.ZodType<PgColumn>

/** What parts and publish need of a copy from tables to files. */
export const RowFilesEngine = FilesSinkEngine.extend({
  select: z.string(),
  columns: z.array(Column),
  sourceVersion: z.string(),
})
export type RowFilesEngine = z.infer<typeof RowFilesEngine>

export const RowFilesPart = TablePartEngine.extend({ path: z.string() })
