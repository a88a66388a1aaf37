import type { FileFormat } from '../../../lib/protocol/copy-plan.ts'
import { csvRows } from '../../formats/csv/csv-rows.ts'
import { jsonlRows } from '../../formats/jsonl/jsonl-rows.ts'
import { parquetRows } from '../../formats/parquet/parquet-rows.ts'
import { TaskFailure } from '../failure.ts'
import type { RowFormat } from './row-format.ts'

const rowFormats: Partial<Record<FileFormat, RowFormat>> = {
  csv: csvRows,
  jsonl: jsonlRows,
  parquet: parquetRows,
}

export function rowFormatFor(format: FileFormat): RowFormat {
  const found = rowFormats[format]
  if (!found)
    throw new TaskFailure('type_unsupported', `Files in format ${format} do not hold rows of a table.`)
  return found
}
