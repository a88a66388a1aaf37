'use client'

import { Callout } from '@/components/ui/callout'
import { Time } from '@/components/ui/time'

type LiveProblemProps = {
  error: Error | null
  /** When what is shown was read. */
  readAt: number
}

/** Says that a live page stands still, why, and since when. */
export function LiveProblem({ error, readAt }: LiveProblemProps) {
  if (!error) return null
  return (
    <Callout tone="warn" title="This page is not up to date" live>
      {error.message}. Shown as it was <Time value={new Date(readAt)} />.
    </Callout>
  )
}
