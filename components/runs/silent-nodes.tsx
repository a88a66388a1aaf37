'use client'

import { Time } from '@/components/ui/time'
import { WhyPanel } from '@/components/ui/why-panel'
import { formatQuantity } from '@/lib/format'
import type { SilentNode } from '@/lib/runs/read/read-silent'

/** Why what these nodes hold may stand still, until when, and what happens then. */
export function SilentNodes({ nodes, readAt }: { nodes: readonly SilentNode[]; readAt: string }) {
  const [first] = nodes
  if (!first) return null
  return (
    <section aria-label="Not heard" className="mt-3 rounded-md border bg-canvas p-3">
      <WhyPanel
        evidence={nodes.map((node) => [node.name, <Facts key={node.nodeId} node={node} readAt={readAt} />])}
        rule={first.rule}
        next={nextOf(nodes)}
        remedies={[
          'Check that the machine is up, and that the agent runs: node sallyport-agent.cjs status. An agent that starts again hands back at once what it held.',
        ]}
      />
    </section>
  )
}

function Facts({ node, readAt }: { node: SilentNode; readAt: string }) {
  const { lastSeenAt, leaseUntil, parts, steps } = node
  const held = parts > 0 ? formatQuantity(parts, 'part') : formatQuantity(steps, 'step')
  return (
    <>
      Last heard <Time value={lastSeenAt} />. It holds {held}; its lease{' '}
      {leaseUntil > readAt ? 'ends' : 'ended'} <Time value={leaseUntil} />
    </>
  )
}

function nextOf(nodes: readonly SilentNode[]): string {
  const [first] = nodes
  const it = nodes.length === 1 ? 'it' : 'one of them'
  const then =
    (first?.others ?? 0) > 0
      ? 'another node takes over what it holds, from the last checkpoint'
      : `what it holds waits for a node of ${first?.runtimeName} to be online, and goes on from the last checkpoint`
  return `If ${it} is heard before its lease ends, it goes on. Otherwise ${then}.`
}
