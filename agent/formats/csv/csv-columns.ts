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
  const { text, isWhole, isUtf8 } = await readHead(reader)
  const limit = Math.max(1, rowLimit + (options.header ? 1 : 0))
  const records = parseRecords(text, options, { limit, isWhole })
  const [first = []] = records
  const refuse = (reason: string): never => {
    throw new TaskFailure('invalid_data', `File “${reader.entry.path}”: ${reason}`, { side: 'source' })
  }
  if (first.length === 0 && text.trim() !== '') refuse('its first record has no end.')
  if (!isUtf8 && first.some((name) => name?.includes('\uFFFD')))
    refuse('its first record is not UTF-8: save it as UTF-8 and copy it again.')
  if (hasBareReturn(text, options.quote))
    refuse('its first line ends with a carriage return alone: save it with line feeds and copy it again.')
  if (/^sep=.\r?\n/i.test(text))
    refuse(
      'its first line (sep=…) is a note to spreadsheets: take it away, and say the delimiter in the dataset.',
    )
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

/**
 * Whether the first line has a carriage return in it that neither stands inside quotes nor belongs to its end: the file's lines
 * end so, as those of old Macintosh programs do, and all of it would be taken for one header.
 */
function hasBareReturn(text: string, quote: string): boolean {
  let inQuotes = false
  for (let at = 0; at < text.length; at += 1) {
    const mark = text[at]
    if (mark === quote) inQuotes = !inQuotes
    else if (inQuotes) continue
    else if (mark === '\n') return false
    else if (mark === '\r' && at + 1 < text.length && text[at + 1] !== '\n') return true
  }
  return false
}
