import { queryOptions } from '@tanstack/react-query'
import { readJson } from '@/components/live/read-json'
import { paths } from '@/lib/paths'
import type { RuntimeLive } from '@/lib/runtimes/queries'

/** A live page asks no more often (interface, "Budgets"), and not at all in a hidden tab. */
const liveMs = 2_000

/** With the queue, or with another page of the nodes than the first. */
export type RuntimeView = { queue?: boolean; q?: string; after?: string | undefined }

/** One answer for everything that moves on a runtime's pages: header, nodes and installation share it. */
export function runtimeQuery(runtimeId: string, { queue = false, q = '', after }: RuntimeView = {}) {
  return queryOptions({
    queryKey: ['runtime', runtimeId, { queue, q, after: after ?? null }],
    queryFn: ({ signal }) =>
      readJson<RuntimeLive>(paths.runtimeData(runtimeId, { queue: queue ? 1 : null, q, after }), signal),
    refetchInterval: liveMs,
  })
}
