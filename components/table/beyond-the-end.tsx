import { ButtonLink } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import type { Paging } from './pager'

/** An address may outlive the rows that its page had, or be written by hand: there are none after its place. */
export function BeyondTheEnd({ href, order = 'time' }: { href: string; order: Paging['order'] }) {
  const { title, first } = words[order]
  return (
    <EmptyState title={title} action={<ButtonLink href={href}>{first}</ButtonLink>}>
      The list ends before the place where this page begins.
    </EmptyState>
  )
}

const words = {
  time: { title: 'Nothing older', first: 'Go to the newest' },
  name: { title: 'Nothing further', first: 'Go to the first page' },
} as const
