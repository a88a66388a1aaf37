import type { CsvOptions } from './csv-options.ts'

/**
 * The first records of a text, for headers and previews; whole files go through `CsvRecords`. A record that the text cuts off is
 * left out unless `isWhole`.
 */
export function parseRecords(
  text: string,
  { delimiter, quote, nullText }: CsvOptions,
  { limit, isWhole }: { limit: number; isWhole: boolean },
): (string | null)[][] {
  const records: (string | null)[][] = []
  let record: (string | null)[] = []
  let [field, isQuoted, inQuotes] = ['', false, false]
  const endField = () => {
    record.push(!isQuoted && field === nullText ? null : field)
    ;[field, isQuoted] = ['', false]
  }
  const endRecord = () => {
    if (!isQuoted) field = field.replace(/\r$/, '')
    const isBlank = record.length === 0 && field === '' && !isQuoted
    endField()
    if (!isBlank) records.push(record)
    record = []
  }
  for (let at = 0; at < text.length && records.length < limit; at += 1) {
    const mark = text[at] ?? ''
    if (mark === quote) {
      if (inQuotes && text[at + 1] === quote) {
        field += quote
        at += 1
      } else {
        inQuotes = !inQuotes
        isQuoted = true
      }
    } else if (inQuotes) field += mark
    else if (mark === delimiter) endField()
    else if (mark === '\n') endRecord()
    else if (mark !== '\r' || !isQuoted) field += mark
  }
  if (isWhole && !inQuotes && records.length < limit && (record.length > 0 || field !== '' || isQuoted))
    endRecord()
  return records
}
