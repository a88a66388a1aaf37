import type { z } from 'zod'
import type { CsvOptions } from './copy-plan.ts'

export const maxNullText = 32

type Dialect = Pick<z.output<typeof CsvOptions>, 'delimiter' | 'quote' | 'nullText'>

/**
 * Why CSV cannot be written or read with these marks, per field; COPY's own rules (ProcessCopyOptions in
 * src/backend/commands/copy.c), held before anything is copied.
 */
export function csvDialectProblems(dialect: Dialect): [field: keyof Dialect, message: string][] {
  const { delimiter, quote, nullText } = dialect
  const problems: [keyof Dialect, string][] = []
  const [wrongDelimiter, wrongQuote] = [markProblem(delimiter), markProblem(quote)]
  if (wrongDelimiter) problems.push(['delimiter', wrongDelimiter])
  if (wrongQuote) problems.push(['quote', wrongQuote])
  else if (quote === delimiter) problems.push(['quote', 'It must differ from the delimiter'])
  if ([delimiter, quote, '\0', '\n', '\r'].some((mark) => mark !== '' && nullText.includes(mark)))
    problems.push(['nullText', 'Use a text without the delimiter, the quote and line ends'])
  else if (nullText.length > maxNullText) problems.push(['nullText', `Use at most ${maxNullText} characters`])
  return problems
}

function markProblem(text: string): string | null {
  if (text.length !== 1) return 'Use one character'
  return /[\0\n\r\u0080-\uFFFF]/.test(text) ? 'Use an ASCII character, but no line end and no NUL' : null
}
