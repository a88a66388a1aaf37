import { queryOptions } from '@tanstack/react-query'
import { readJson } from '@/components/live/read-json'
import type { NodeCredentialRow, NodeView } from '@/lib/nodes/queries'
import { paths } from '@/lib/paths'

/** A live page asks no more often (interface, "Budgets"), and not at all in a hidden tab. */
const liveMs = 2_000

export type NodeLive = { node: NodeView; credentials: NodeCredentialRow[] }

export function nodeQuery(nodeId: string) {
  return queryOptions({
    queryKey: ['node', nodeId],
    queryFn: ({ signal }) => readJson<NodeLive>(paths.nodeData(nodeId), signal),
    refetchInterval: liveMs,
  })
}
