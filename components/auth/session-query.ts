import { type QueryClient, queryOptions } from '@tanstack/react-query'
import { readJson } from '@/components/live/read-json'
import type { SessionLeft } from '@/lib/account/queries'
import { paths } from '@/lib/paths'

export const sessionKey = ['session'] as const
/** Use is told to the portal, and the end of the session heard from it, this often; never from a hidden tab. */
const everyMs = 60_000

/** `wasUsed` since the last time it was asked. */
export function sessionQuery(client: QueryClient, wasUsed: () => boolean) {
  return queryOptions({
    queryKey: sessionKey,
    queryFn: ({ signal }) =>
      readJson<SessionLeft>(paths.sessionData({ inUse: wasUsed() || isWatched(client) }), signal),
    refetchInterval: everyMs,
    retry: false,
  })
}

/** The page keeps itself up to date, so somebody who only looks at it uses it. */
function isWatched(client: QueryClient): boolean {
  return client
    .getQueryCache()
    .getAll()
    .some(
      ({ queryKey, observers }) =>
        queryKey[0] !== sessionKey[0] && observers.some(({ options }) => Boolean(options.refetchInterval)),
    )
}
