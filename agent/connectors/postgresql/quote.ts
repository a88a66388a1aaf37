import { fitsIdentifier, maxIdentifierBytes } from '../../../lib/protocol/pg-type.ts'
import { TaskFailure } from '../../copy/failure.ts'

/** What is made under a name that the server cuts would not be found again. */
export function requireNameFits(name: string): void {
  if (fitsIdentifier(name)) return
  throw new TaskFailure(
    'schema_mismatch',
    `“${name}” is longer than the ${maxIdentifierBytes} bytes that PostgreSQL keeps of a name.`,
    { side: 'sink' },
  )
}

/** Quotes a name for SQL: the only way a name gets into a statement. */
export function quoteName(name: string): string {
  if (name === '' || name.includes('\0'))
    throw new TaskFailure(
      'schema_mismatch',
      'A column without a name, or with a NUL in it, cannot be copied.',
    )
  return `"${name.replaceAll('"', '""')}"`
}

export function quoteNames(names: readonly string[]): string {
  return names.map(quoteName).join(', ')
}

export type TableName = { schema: string; table: string }

export function quoteTable({ schema, table }: TableName): string {
  return `${quoteName(schema)}.${quoteName(table)}`
}

/** For people: `public.flights`. */
export function showTable({ schema, table }: TableName): string {
  return `${schema}.${table}`
}

/** The same of a quoted name. */
export function showHeap(name: string): string {
  return name.replaceAll(/"((?:[^"]|"")*)"/g, (_, inner: string) => inner.replaceAll('""', '"'))
}

/** A text literal; the session has standard_conforming_strings on. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
