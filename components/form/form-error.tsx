'use client'

import type { ActionError } from '@/lib/action-result'
import { Callout } from '@/components/ui/callout'
import { WayOn } from './way-on'

/** What could not be done, at the form: the message, and the reference that the log knows if it was a bug. */
export function FormError({ failure }: { failure: ActionError | null }) {
  if (!failure) return null
  return (
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
  )
}
