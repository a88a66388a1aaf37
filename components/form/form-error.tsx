'use client'

import { useEffect, useRef } from 'react'
import type { ActionError } from '@/lib/action-result'
import { Callout } from '@/components/ui/callout'
import { WayOn } from './way-on'

/** What could not be done, at the form: the message, and the reference that the log knows if it was a bug. */
export function FormError({ failure }: { failure: ActionError | null }) {
  const place = useRef<HTMLDivElement>(null)
  // It stands at the end of a form that may be longer than a phone: a press that seems to do nothing is pressed again.
  useEffect(() => {
    if (failure) place.current?.scrollIntoView({ block: 'nearest' })
  }, [failure])
  if (!failure) return null
  return (
    <div ref={place} className="scroll-my-4">
      <Callout tone="bad" live title={failure.message}>
        {Object.entries(failure.fields ?? {}).map(([name, messages]) => (
          <p key={name}>
            {name}: {messages.join(' ')}
          </p>
        ))}
        <WayOn code={failure.code} />
        {failure.ref ? (
          <p>
            Reference <code>{failure.ref}</code>
          </p>
        ) : null}
      </Callout>
    </div>
  )
}
