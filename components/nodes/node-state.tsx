'use client'

import { Badge, type Standing } from '@/components/ui/badge'
import { Time } from '@/components/ui/time'
import { type Why, WhyPopover } from '@/components/ui/why-panel'
import type { NodeView, ReasonView } from '@/lib/nodes/queries'
import type { NodeState, NodeWish } from '@/lib/nodes/schemas'

const standings: Record<NodeState, [standing: Standing, word: string]> = {
  NeedRegistration: ['off', 'Need registration'],
  Initializing: ['busy', 'Initializing'],
  InitializeFailed: ['bad', 'Did not start'],
  Online: ['ok', 'Online'],
  Limited: ['warn', 'Limited'],
  Offline: ['bad', 'Offline'],
  Upgrading: ['busy', 'Upgrading'],
}

export function nodeStateWord(state: NodeState): string {
  return standings[state][1]
}

/** A node's state that opens its reasons, and beside it what people wish, or have to do. */
export function NodeStateWhy({ node }: { node: Pick<NodeView, 'state' | 'reason' | 'wish' | 'vault'> }) {
  const [standing, word] = standings[node.state]
  return (
    <span className="relative z-1 inline-flex flex-wrap items-center gap-x-2 gap-y-1">
      <WhyPopover standing={standing} word={word} why={whyOf(node.reason)} />
      {node.vault.approvalSince ? <Badge tone="warn">Waits for approval</Badge> : null}
      <WishBadge wish={node.wish} />
    </span>
  )
}

export function WishBadge({ wish }: { wish: NodeWish }) {
  if (wish === 'active') return null
  return <Badge tone="info">{wish === 'cordoned' ? 'Cordoned' : 'Draining'}</Badge>
}

/** A reason as the Why panel shows it, with its instants as times. */
export function whyOf({ since, evidence, rule, next, remedies }: ReasonView): Why {
  return {
    since,
    evidence: evidence.map(({ term, value, at }) => [term, at ? <Time key={term} value={at} /> : value]),
    rule,
    next,
    remedies,
  }
}
