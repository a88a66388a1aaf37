'use client'

import { Callout } from '@/components/ui/callout'

/** What a saved definition said that is not known here: the portal does not keep it, and must not seem to. */
export function LeftOutCallout({ paths }: { paths: readonly string[] }) {
  if (paths.length === 0) return null
  return (
    <Callout tone="warn" title="Left out, because it is not known here" live>
      <span className="font-mono text-xs">{paths.join(', ')}</span>
    </Callout>
  )
}
