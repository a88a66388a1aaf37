import { Bot, CircleUser, Server } from 'lucide-react'
import type { AuditActor as Actor } from '@/lib/audit/append'

const icons = {
  user: <CircleUser aria-hidden />,
  node: <Server aria-hidden />,
  system: <Bot aria-hidden />,
}
const kinds = { user: 'user', node: 'node', system: 'the portal itself' }

/** Who did it: a person, a node, or the portal itself. */
export function AuditActor({ actor }: { actor: Actor }) {
  return (
    <span className="inline-flex max-w-full min-w-0 items-center gap-1.5 align-top [&>svg]:size-4 [&>svg]:shrink-0 [&>svg]:text-fg-muted">
      {icons[actor.kind]}
      <span className="sr-only">{kinds[actor.kind]}</span>
      <span className="min-w-0 wrap-anywhere">{actor.name}</span>
    </span>
  )
}
