import { StateBadge } from '@/components/ui/badge'
import type { NodeHealth } from '@/lib/runtimes/health'

/** How many nodes are online, limited and offline; zeros are left out. */
export function NodeHealthSummary({ health }: { health: NodeHealth }) {
  const { online, limited, offline } = health
  if (online + limited + offline === 0) return <StateBadge standing="off">No nodes</StateBadge>
  return (
    <span className="inline-flex flex-wrap gap-x-3">
      {online > 0 ? <StateBadge standing="ok">{online} online</StateBadge> : null}
      {limited > 0 ? <StateBadge standing="warn">{limited} limited</StateBadge> : null}
      {offline > 0 ? <StateBadge standing="bad">{offline} offline</StateBadge> : null}
    </span>
  )
}
