'use client'

import { useWizard } from '@/components/copy-wizard/wizard-context'
import type { PlannedCopy } from '@/lib/copy-wizard/copies'

/** More names than anybody reads before going on. */
const mostShown = 8

/** What goes where, name by name, while the pattern is being typed. */
export function SinkNames() {
  const { copies, sink } = useWizard()
  if (copies.length < 2) return null
  const rest = copies.length - mostShown
  return (
    <div className="text-sm">
      <h3 className="font-medium">What goes where</h3>
      <ul aria-label="What goes where" className="mt-1 grid gap-0.5">
        {copies.slice(0, mostShown).map((copy) => (
          <li key={copy.key} className="wrap-anywhere">
            <span className="text-fg-muted">{copy.label} → </span>
            {sinkName(copy, sink?.name ?? '')}
          </li>
        ))}
      </ul>
      {rest > 0 ? <p className="mt-0.5 text-fg-muted">and {rest} more</p> : null}
    </div>
  )
}

function sinkName({ sink }: PlannedCopy, store: string): string {
  return sink.kind === 'table' ? `${sink.schema}.${sink.table}` : sink.folder || `the root of ${store}`
}
