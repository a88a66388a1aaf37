import type { z } from 'zod'
import { type CsvOptions, maxNullText } from './copy-plan.ts'

type Dialect = Pick<z.output<typeof CsvOptions>, 'delimiter' | 'quote' | 'nullText'>

/**
 * Why CSV cannot be written or read with these marks, per field; COPY's own rules (ProcessCopyOptions in
 * src/backend/commands/copy.c), held before anything is copied.
 */
export function csvDialectProblems(dialect: Dialect): [field: keyof Dialect, message: string][] {
  const { delimiter, quote, nullText } = dialect
  const problems: [keyof Dialect, string][] = []
  if (!isMark(delimiter)) problems.push(['delimiter', oneCharacter])
  if (!isMark(quote)) problems.push(['quote', oneCharacter])
  else if (quote === delimiter) problems.push(['quote', 'It must differ from the delimiter'])
  if ([delimiter, quote, '\0', '\n', '\r'].some((mark) => mark !== '' && nullText.includes(mark)))
    problems.push(['nullText', 'Use a text without the delimiter, the quote and line ends'])
  else if (nullText.length > maxNullText) problems.push(['nullText', `Use at most ${maxNullText} characters`])
  return problems
}

const oneCharacter = 'Use one ASCII character, but no line end and no NUL'

function isMark(text: string): boolean {
  return /^[^\0\n\r\u0080-\uFFFF]$/.test(text)
}
