import type { z } from 'zod'
import { CsvOptions as CsvOptionsSchema } from '../../../lib/protocol/copy-plan.ts'
import { csvDialectProblems } from '../../../lib/protocol/csv-dialect.ts'
import { quoteText } from '../../connectors/postgresql/quote.ts'
import { TaskFailure } from '../../copy/failure.ts'

export type CsvOptions = z.output<typeof CsvOptionsSchema>

/** What a spreadsheet and PostgreSQL both read, unless the pipeline says otherwise. Throws where no CSV can be like that. */
export function csvOptionsOf(given: CsvOptions | undefined): CsvOptions {
  if (!given) return CsvOptionsSchema.parse({})
  for (const [field, message] of csvDialectProblems(given))
    throw new TaskFailure('schema_mismatch', `CSV's ${marks[field]}: ${message}. Change it in the dataset.`)
  return given
}

const marks = { delimiter: 'delimiter', quote: 'quote', nullText: 'text for NULL' } as const

/** COPY's options for the same dialect. The header is ours: one per file, not one per COPY. */
export function csvCopyOptions(given: CsvOptions | undefined): string {
  const { delimiter, quote, nullText } = csvOptionsOf(given)
  return `FORMAT csv, DELIMITER ${quoteText(delimiter)}, QUOTE ${quoteText(quote)}, ESCAPE ${quoteText(quote)}, NULL ${quoteText(nullText)}`
}

/** A record of names; one that could be taken for something else is quoted. */
export function csvHeader(names: readonly string[], { delimiter, quote, nullText }: CsvOptions): string {
  const isPlain = (name: string) =>
    name !== nullText && name !== '' && ![delimiter, quote, '\n', '\r'].some((mark) => name.includes(mark))
  const field = (name: string) =>
    isPlain(name) ? name : `${quote}${name.replaceAll(quote, quote + quote)}${quote}`
  return `${names.map(field).join(delimiter)}\n`
}
