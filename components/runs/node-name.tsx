'use client'

import { clsx } from 'clsx'
import { createContext, use, type ReactNode } from 'react'
import { type Hue, hueClasses, nodeHues } from '@/components/ui/chart/series'
import type { RunDetail } from '@/lib/runs/read/run-detail'

type KnownNodes = { hues: ReadonlyMap<string, Hue>; names: ReadonlyMap<string, string> }

const KnownNodesContext = createContext<KnownNodes>({ hues: new Map(), names: new Map() })

/** One hue per node: numbered among the nodes of its own runtime, as on every other page. */
export function NodesOfRun({ nodes, children }: { nodes: RunDetail['nodes']; children: ReactNode }) {
  const byRuntime = Map.groupBy(nodes, ({ runtimeId }) => runtimeId)
  const hues = new Map<string, Hue>()
  for (const group of byRuntime.values())
    for (const [id, hue] of nodeHues(group.map((node) => node.id))) hues.set(id, hue)
  const names = new Map(nodes.map(({ id, name }) => [id, name]))
  return <KnownNodesContext value={{ hues, names }}>{children}</KnownNodesContext>
}

export function useKnownNodes(): KnownNodes {
  return use(KnownNodesContext)
}

/** A node's name with its colour; a node that was deleted has none. */
export function NodeName({ nodeId }: { nodeId: string | null }) {
  const { hues, names } = useKnownNodes()
  if (nodeId === null) return <span className="text-fg-muted">–</span>
  const hue = hues.get(nodeId)
  const name = names.get(nodeId) ?? 'a deleted node'
  return (
    <span className="inline-flex max-w-full min-w-0 items-center gap-1.5 align-top">
      <span
        aria-hidden
        className={clsx('size-2.5 shrink-0 rounded-[2px]', hue ? hueClasses[hue].bg : 'bg-neutral-7')}
      />
      <span className="truncate" title={name}>
        {name}
      </span>
    </span>
  )
}
