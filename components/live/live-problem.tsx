'use client'

import { WayOn } from '@/components/form/way-on'
import { Callout } from '@/components/ui/callout'
import { Time } from '@/components/ui/time'
import { ReadError } from './read-json'

type LiveProblemProps = {
  error: Error | null
  /** When what is shown was read. */
  readAt: number
}

/** Says that a live page stands still, why, since when, and how to go on where it will not come back by itself. */
export function LiveProblem({ error, readAt }: LiveProblemProps) {
  if (!error) return null
  const code = error instanceof ReadError ? error.code : 'internal'
  return (
    <Callout
      tone="warn"
      title={code === 'not_found' ? 'This is not there any more' : 'This page is not up to date'}
      live
    >
      {error.message}. Shown as it was <Time value={new Date(readAt)} />. <WayOn code={code} />
    </Callout>
  )
}
