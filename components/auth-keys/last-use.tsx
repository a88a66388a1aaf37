import { Time } from '@/components/ui/time'
import type { AuthKeyRow } from '@/lib/auth-keys/queries'

/** Who used a key last, and when. */
export function LastUse({ row }: { row: AuthKeyRow }) {
  const { lastUsedAt, lastUsedBy, createdAt } = row
  if (!lastUsedAt)
    return (
      <>
        Made <Time value={createdAt} />, never used.
      </>
    )
  return (
    <>
      Last used <Time value={lastUsedAt} /> by {lastUsedBy ?? 'a node that was deleted'}.
    </>
  )
}
