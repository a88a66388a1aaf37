import { queryOptions } from '@tanstack/react-query'
import { readJson } from '@/components/live/read-json'
import { paths } from '@/lib/paths'
import type { RunPage } from '@/lib/runs/read/list-runs'
import type { RunDetail } from '@/lib/runs/read/run-detail'
import type { RunFilters, RunView } from '@/lib/runs/schemas'

/** While something runs; a page never asks more often (interface, "Budgets"). */
const liveMs = 2_000
/** While everything has ended: somebody else may start, resume or delete. */
const quietMs = 15_000

export function runsQuery(factory: string, filters: RunFilters) {
  return queryOptions({
    queryKey: ['runs', factory, filters],
    queryFn: ({ signal }) => readJson<RunPage>(paths.runsData(factory, filters), signal),
    refetchInterval: ({ state }) => (state.data?.live ? liveMs : quietMs),
  })
}

export function runQuery(runId: string, view: RunView) {
  return queryOptions({
    queryKey: ['run', runId, view],
    queryFn: ({ signal }) => readJson<RunDetail>(paths.runData(runId, view), signal),
    refetchInterval: ({ state }) => (isStill(state.data) ? quietMs : liveMs),
  })
}

/** Nothing of the run moves any more, not even a clean-up. */
function isStill(run: RunDetail | undefined): boolean {
  return run?.activities.every(({ phase }) => phase === 'ended' || phase === 'kept') ?? false
}
