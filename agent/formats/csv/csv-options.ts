import type { z } from 'zod'
import { CsvOptions as CsvOptionsSchema } from '../../../lib/protocol/copy-plan.ts'
import { TaskFailure } from '../../copy/failure.ts'
import { quoteText } from '../../connectors/postgresql/quote.ts'

export type CsvOptions = z.output<typeof CsvOptionsSchema>

/** What a spreadsheet and PostgreSQL both read, unless the pipeline says otherwise. */
export function csvOptionsOf(given: CsvOptions | undefined): CsvOptions {
  const options = given ?? CsvOptionsSchema.parse({})
  const { delimiter, quote, nullText } = options
  if (!isMark(delimiter) || !isMark(quote) || delimiter === quote)
    throw wrongDialect('the delimiter and the quote must be two different ASCII characters')
  if ([delimiter, quote, '\r', '\n', '\0'].some((mark) => nullText.includes(mark)))
    throw wrongDialect(
      'the text that stands for NULL may hold neither the delimiter nor the quote nor a line end',
    )
  return options
}

/** Of one byte, and no end of anything. */
function isMark(mark: string): boolean {
  return mark.length === 1 && mark <= '\x7f' && !['\r', '\n', '\0'].includes(mark)
}

function wrongDialect(reason: string): TaskFailure {
  return new TaskFailure('schema_mismatch', `CSV cannot be read or written so: ${reason}.`)
}

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
