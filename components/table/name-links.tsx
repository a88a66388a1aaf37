import Link from 'next/link'
import { formatCount } from '@/lib/format'
import type { NameList } from '@/lib/name-page'

type NameLinksProps = {
  list: NameList
  href: (name: string) => string
  /** A list with a filter that finds those that are not shown. */
  allHref?: string | undefined
}

/** Names that each lead to their thing: the first of what may be thousands. */
export function NameLinks({ list, href, allHref }: NameLinksProps) {
  const more = list.total - list.names.length
  const rest = `and ${formatCount(more)} more`
  return (
    <ul className="mt-0.5">
      {list.names.map((name) => (
        <li key={name}>
          <Link className="text-accent-text wrap-anywhere hover:underline" href={href(name)}>
            {name}
          </Link>
        </li>
      ))}
      {more > 0 ? (
        <li className="text-fg-muted">
          {allHref ? (
            <Link className="text-accent-text hover:underline" href={allHref}>
              {rest}
            </Link>
          ) : (
            rest
          )}
        </li>
      ) : null}
    </ul>
  )
}
