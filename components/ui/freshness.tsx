'use client'

import { clsx } from 'clsx'
import type { ReactNode } from 'react'
import { Time } from './time'
import { useEachSecond } from './use-now'

type FreshnessProps = {
  /** When these numbers were measured. */
  at: string | Date
  /** From this age on they are no longer live. */
  staleAfterMs: number
  children: ReactNode
}

/** Live numbers that turn grey, and say since when, once they stop coming. */
export function Freshness({ at, staleAfterMs, children }: FreshnessProps) {
  const measured = new Date(at).getTime()
  const stale = useEachSecond(() => Date.now() - measured > staleAfterMs) === true
  return (
    <div className={clsx(stale && 'text-fg-muted')}>
      <div className={clsx(stale && 'grayscale')}>{children}</div>
      {stale ? (
        <p className="mt-1 text-xs text-fg-muted">
          Nothing new since <Time value={at} />
        </p>
      ) : null}
    </div>
  )
}
