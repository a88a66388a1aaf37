import { formatDuration } from '@/lib/format'
import type { NodeWish } from '@/lib/nodes/schemas'
import { offlineAfterMs } from '@/lib/nodes/status'
import type { Capabilities } from '@/lib/protocol/enrolment'
import type { StoreType } from '@/lib/protocol/stores'

export type AskedNode = {
  lastSeenAt: Date | null
  wish: NodeWish
  capabilities: Pick<Capabilities, 'storeTypes'>
  quarantinedAt: Date | null
  interactiveFree: number
  /** What the node says of the store's credential; null where it has said nothing yet. */
  credential: { version: number; openedAt: Date | null; error: string | null } | null
}
/** `lasting` does not pass by waiting; `offline` may, when somebody starts the agent. */
export type Hindrance = { text: string; kind: 'none' | 'passing' | 'offline' | 'lasting' }

export type AskedNeed = {
  credentialVersion: number
  storeTypes: readonly StoreType[]
  /** Only this node is asked: it answers even while it is cordoned. */
  named: boolean
  now: Date
}

/** What keeps a node from answering an interactive request now; the rules of lib/tasks/eligibility.ts in words. */
export function hindranceOf(node: AskedNode, need: AskedNeed): Hindrance {
  const silentMs = node.lastSeenAt ? need.now.getTime() - node.lastSeenAt.getTime() : null
  if (node.quarantinedAt) return { kind: 'lasting', text: 'is quarantined: two machines showed its identity' }
  if (silentMs === null) return { kind: 'offline', text: 'has never called' }
  if (silentMs > offlineAfterMs)
    return { kind: 'offline', text: `is offline: it was last heard ${formatDuration(silentMs)} ago` }
  const unknown = need.storeTypes.find((type) => !node.capabilities.storeTypes.includes(type))
  if (unknown) return { kind: 'lasting', text: `has no connector for ${unknown}: update its agent` }
  if (node.wish !== 'active' && !need.named) return { kind: 'lasting', text: `is ${node.wish}` }
  if (need.credentialVersion > 0) {
    const { credential } = node
    if (credential?.error && credential.version === need.credentialVersion)
      return { kind: 'lasting', text: `cannot open the credential: ${credential.error}` }
    if (!credential?.openedAt || credential.version < need.credentialVersion)
      return { kind: 'passing', text: 'has not opened the credential yet' }
  }
  if (node.interactiveFree === 0) return { kind: 'passing', text: 'is busy with other requests' }
  return { kind: 'none', text: '' }
}

export type HinderedNode = { name: string; hindrance: Hindrance }

/** Nobody will ever answer: there is no node, or each has a lasting hindrance. */
export function isHopeless(nodes: readonly HinderedNode[]): boolean {
  return nodes.every(({ hindrance }) => hindrance.kind === 'lasting')
}

/** Why a request got no answer, with every node and its state. */
export function explainSilence(runtimeName: string, nodes: readonly HinderedNode[]): string {
  if (nodes.length === 0)
    return `Integration runtime "${runtimeName}" has no node that could answer. Register one, then try again`
  const each = nodes.map(
    ({ name, hindrance }) => `"${name}" ${hindrance.text || 'is online, but did not take the request'}`,
  )
  if (nodes.every(({ hindrance }) => hindrance.kind === 'offline'))
    return `No node of "${runtimeName}" is online: ${each.join('; ')}. Start the agent, then try again`
  return `No node of "${runtimeName}" could answer: ${each.join('; ')}`
}
