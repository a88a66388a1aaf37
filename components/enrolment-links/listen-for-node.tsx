'use client'

import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'
import { NodeStateWhy } from '@/components/nodes/node-state'
import { runtimeQuery } from '@/components/runtimes/query-options'
import { StateBadge } from '@/components/ui/badge'
import { Spinner } from '@/components/ui/spinner'
import type { NodeView } from '@/lib/nodes/queries'
import { paths } from '@/lib/paths'
import type { RuntimeLive } from '@/lib/runtimes/queries'

type ListenForNodeProps = {
  factory: string
  runtime: { id: string; name: string }
  initial: RuntimeLive
  /** A link was made here: wait even where the runtime has nodes already. */
  expecting: boolean
}

/** Waits for nodes that were not there when the page was opened, and greets each by itself. */
export function ListenForNode({ factory, runtime, initial, expecting }: ListenForNodeProps) {
  const { data, error } = useQuery({ ...runtimeQuery(runtime.id), initialData: initial })
  const [lastBefore] = useState(initial.newest[0]?.registeredAt ?? '')
  const arrived = data.newest.filter(({ registeredAt }) => registeredAt > lastBefore)
  useRefreshWhen(arrived.length)
  if (arrived.length === 0 && data.nodeCount > 0 && !expecting) return null
  return (
    <div
      aria-live="polite"
      className="flex flex-col gap-2 rounded-md border border-dashed px-3 py-2.5 text-sm"
    >
      {arrived.map((node) => (
        <Arrived key={node.id} node={node} href={paths.node(factory, runtime.name, node.id)} />
      ))}
      {arrived.length === 0 ? (
        <p className="flex items-center gap-2 text-fg-muted">
          <Spinner />
          {error ? 'The portal does not answer. Trying again…' : 'Listening for a node…'}
        </p>
      ) : null}
    </div>
  )
}

function Arrived({ node, href }: { node: NodeView; href: string }) {
  const name = (
    <Link href={href} className="font-medium underline underline-offset-2">
      {node.displayName}
    </Link>
  )
  if (node.state === 'Online')
    return (
      <p className="flex flex-wrap items-center gap-x-2">
        <StateBadge standing="ok">Online</StateBadge>
        <span>{name} is online.</span>
      </p>
    )
  return (
    <p className="flex flex-wrap items-center gap-x-2">
      <NodeStateWhy node={node} />
      <span>{name} has registered.</span>
    </p>
  )
}

/** The lists below the panel (links, keys) say who used what: read them again when somebody came. */
function useRefreshWhen(count: number) {
  const router = useRouter()
  useEffect(() => {
    if (count > 0) router.refresh()
  }, [count, router])
}
