import { NameLinks } from '@/components/table/name-links'
import { Callout } from '@/components/ui/callout'
import { formatQuantity } from '@/lib/format'
import type { NameList } from '@/lib/name-page'

type InUseProps = {
  users: NameList
  /** What uses it: "dataset". */
  noun: [one: string, many: string]
  /** What it does with it, for one and for many: "uses it", "use it". */
  does: [one: string, many: string]
  /** What to do first, for one and for many. */
  remedy: [one: string, many: string]
  href: (name: string) => string
  allHref?: string | undefined
}

/** In the dialog of a deletion that would be refused: what still needs the thing, before anybody types its name. */
export function InUse({ users, noun, does, remedy, href, allHref }: InUseProps) {
  const which = users.total === 1 ? 0 : 1
  return (
    <Callout tone="warn" title={`${formatQuantity(users.total, ...noun)} ${does[which]}`}>
      <p>{remedy[which]}</p>
      <NameLinks list={users} href={href} allHref={allHref} />
    </Callout>
  )
}
