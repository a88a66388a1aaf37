import { sql, type SQL, type SQLWrapper } from 'drizzle-orm'

/** What of a list by name is wanted: `q` filters, `after` is the last name of the page before. */
export type NameQuery = { q?: string | undefined; after?: string | undefined; size?: number }
/** Cut by key, so that a page stays right while rows come and go. `next` is the `after` of the next one. */
export type NamePage<Row> = { rows: Row[]; next: string | null; total: number }

export const namesPerPage = 100

/** The first names of what may be thousands, and how many there are. */
export type NameList = { names: string[]; total: number }

/** Enough to see what kind of things they are. */
export const namesPerList = 10

/** Out of rows that each say how many there are in all. */
export function toNameList(found: readonly { name: string; total: number }[]): NameList {
  return { names: found.map(({ name }) => name), total: found[0]?.total ?? 0 }
}

/** Names do not differ by case alone. */
export function isAfter(name: SQLWrapper, after: string | undefined): SQL | undefined {
  return after === undefined ? undefined : sql`lower(${name}) > lower(${after})`
}

/** Out of one row more than fits. */
export function toNamePage<Row extends { name: string }>(
  found: readonly Row[],
  { size = namesPerPage, total }: { size?: number | undefined; total: number },
): NamePage<Row> {
  const rows = found.slice(0, size)
  return { rows, next: found.length > size ? (rows.at(-1)?.name ?? null) : null, total }
}
