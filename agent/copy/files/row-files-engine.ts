import { z } from 'zod'
import { TablePartEngine } from '../table/source/source-parts.ts'
import { FilesSinkEngine } from './files-sink.ts'
import { FileColumn } from './staged-reading.ts'

/** What parts and publish need of a copy from tables to files. */
export const RowFilesEngine = FilesSinkEngine.extend({
  select: z.string(),
  columns: z.array(FileColumn),
  sourceVersion: z.string(),
})
export type RowFilesEngine = z.infer<typeof RowFilesEngine>

export const RowFilesPart = TablePartEngine.extend({ path: z.string() })
