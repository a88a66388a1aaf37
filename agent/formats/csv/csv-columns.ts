import type { FileReader } from '../../connectors/connector.ts'
import { typeOids } from '../../connectors/postgresql/pg-types.ts'
import type { PgColumn } from '../../copy/rows.ts'
import { TaskFailure } from '../../copy/failure.ts'
import { readHead } from '../text/read-head.ts'
import { type CsvOptions, csvOptionsOf } from './csv-options.ts'
import { parseRecords } from './parse-records.ts'

export type CsvHead = { columns: PgColumn[]; rows: (string | null)[][] }

/** The names of a file's columns, and its first rows as text. Without a header they are called as Data Factory does: `Prop_0`. */
export async function readCsvHead(
  reader: FileReader,
  given: CsvOptions | undefined,
  rowLimit = 0,
): Promise<CsvHead> {
  const options = csvOptionsOf(given)
  const { text, isWhole } = await readHead(reader)
  const limit = Math.max(1, rowLimit + (options.header ? 1 : 0))
  const records = parseRecords(text, options, { limit, isWhole })
  const [first = []] = records
  if (first.length === 0 && text !== '')
    throw new TaskFailure('invalid_data', `File “${reader.entry.path}”: its first record has no end.`, {
      side: 'source',
    })
  const names = first.map((name, index) => (options.header && name ? name : `Prop_${index}`))
  const columns = names.map((name) => ({
    name,
    typeOid: typeOids.text,
    typmod: -1,
    type: 'text',
    nullable: true,
  }))
  return { columns, rows: options.header ? records.slice(1) : records.slice(0, rowLimit) }
}
