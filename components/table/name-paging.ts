import type { Paging } from '@/components/table/pager'
import { formatCount, formatQuantity } from '@/lib/format'
import type { NamePage } from '@/lib/name-page'
import { withQuery } from '@/lib/paths'

type NamePaging = {
  path: string
  q: string
  after: string | undefined
  /** What the rows are, for one of them: "dataset". */
  what: [one: string, many: string]
}

/** The foot of a list by name; none where everything is on its one page. */
export function namePaging(
  { rows, next, total }: NamePage<unknown>,
  { path, q, after, what }: NamePaging,
): Paging | undefined {
  if (next === null && after === undefined) return undefined
  return {
    order: 'name',
    nextHref: next === null ? null : withQuery(path, { q, after: next }),
    previousHref: after === undefined ? null : withQuery(path, { q }),
    summary: `${formatCount(rows.length)} of ${formatQuantity(total, ...what)}`,
  }
}
