'use client'

import type { ReactNode } from 'react'
import { WhyPanel } from '@/components/ui/why-panel'
import type { Waiting } from '@/lib/runs/read/read-waiting'

/** Why nothing of an activity runs, node by node, and what would make it run. */
export function WhyWaiting({ waiting }: { waiting: Waiting }) {
  const { since, runtimeName, attempt, trouble, nodes } = waiting
  return (
    <section aria-label="Why it waits" className="mt-3 rounded-md border bg-canvas p-3">
      <WhyPanel
        since={since}
        evidence={[
          ...nodes.map(({ name, why }) => [name, why ?? 'It takes the task with its next poll'] as const),
          ...(trouble ? ([['Last attempt', `${trouble} (attempt ${attempt})`]] as const) : []),
        ]}
        rule={`A task runs on a node of the integration runtime ${runtimeName} that is online, has a free slot and has opened both credentials.`}
        next={nextOf(waiting)}
        remedies={remediesOf(waiting)}
      />
    </section>
  )
}

function nextOf({ nodes }: Waiting): ReactNode {
  if (nodes.length === 0)
    return 'It begins by itself as soon as a node is registered and has opened both credentials.'
  if (nodes.some(({ why }) => why === null)) return 'It begins within a second or two.'
  return 'It begins by itself as soon as one of these reasons is gone.'
}

function remediesOf({ nodes, runtimeName, lostSecrets }: Waiting): ReactNode[] {
  const register = `Register a node with the integration runtime ${runtimeName}`
  const enter = lostSecrets.map(
    (name) => `Enter the secret of ${name} again: the last node that could open it was removed`,
  )
  if (nodes.length === 0) return [register, ...enter]
  if (enter.length > 0) return enter
  if (nodes.some(({ why }) => why === null)) return []
  return [`Bring a node of ${runtimeName} online, free a slot, or cancel this run`]
}
