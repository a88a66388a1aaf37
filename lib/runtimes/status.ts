import type { ReasonView } from '@/lib/nodes/queries'
import type { NodeState, NodeWish } from '@/lib/nodes/schemas'

export const runtimeStates = ['NeedRegistration', 'Online', 'Limited', 'Offline'] as const
export type RuntimeState = (typeof runtimeStates)[number]
export type RuntimeStatus = { state: RuntimeState; reason: ReasonView }
type Judged = { displayName: string; state: NodeState; wish: NodeWish }

/** A runtime stands as its nodes stand. Pure, and the same on the server and in a live page. */
export function runtimeStatus(nodes: readonly Judged[]): RuntimeStatus {
  const online = nodes.filter(({ state }) => state === 'Online')
  const taking = online.filter(({ wish }) => wish === 'active')
  const evidence = [
    { term: 'Nodes online', value: `${online.length} of ${nodes.length}` },
    { term: 'Taking work', value: `${taking.length} of ${nodes.length}` },
    ...nodes
      .filter(({ state }) => state !== 'Online')
      .slice(0, 5)
      .map(({ displayName, state }) => ({ term: displayName, value: state })),
  ]
  const rule = 'Online: every node is online. Limited: some are. Offline: none is.'
  const reason = (words: Pick<ReasonView, 'next' | 'remedies'>) => ({ since: null, evidence, rule, ...words })
  if (nodes.length === 0)
    return { state: 'NeedRegistration', reason: { ...reason(byState.NeedRegistration), evidence: [] } }
  if (online.length === 0) return { state: 'Offline', reason: reason(byState.Offline) }
  const state = online.length === nodes.length ? 'Online' : 'Limited'
  return { state, reason: reason(taking.length === 0 ? allPaused : byState[state]) }
}

const byState: Record<RuntimeState, Pick<ReasonView, 'next' | 'remedies'>> = {
  NeedRegistration: {
    next: 'Tasks wait in the queue until the first node registers.',
    remedies: ['Install a node next to your data: see Install and keys.'],
  },
  Online: { next: 'Tasks go to the nodes with free slots.', remedies: [] },
  Limited: {
    next: 'Tasks go to the nodes that are online.',
    remedies: ['See the nodes that are not online: each says why.'],
  },
  Offline: {
    next: 'Tasks wait in the queue until a node is online.',
    remedies: ['Start the agent on one of its machines: node sallyport-agent.cjs run'],
  },
}
const allPaused = {
  next: 'Tasks wait in the queue: every node that is online is cordoned.',
  remedies: ['Uncordon a node.'],
}
