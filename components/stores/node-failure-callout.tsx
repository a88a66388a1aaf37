import type { NodeFailure } from '@/components/stores/ask-node'
import { Button } from '@/components/ui/button'
import { Callout } from '@/components/ui/callout'

type NodeFailureCalloutProps = { failure: NodeFailure; onRetry?: (() => void) | undefined }

/** Why a node's answer is missing, what to do about it, and the button that asks again. */
export function NodeFailureCallout({ failure, onRetry }: NodeFailureCalloutProps) {
  const { message, remedy, nodeName } = failure
  const said = remedy === null && nodeName === null
  return (
    <Callout
      tone="bad"
      live
      title={message}
      action={
        onRetry ? (
          <Button size="sm" onClick={onRetry}>
            Try again
          </Button>
        ) : null
      }
    >
      {remedy ? <p>{remedy}</p> : null}
      {said || !nodeName ? null : <p className="text-fg-muted">Said by node {nodeName}.</p>}
    </Callout>
  )
}
