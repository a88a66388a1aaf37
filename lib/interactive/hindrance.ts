import { formatDuration } from '@/lib/format'

/** A node is offline after 90 s of silence (blueprint, section 6). */
const offlineAfterMs = 90_000

export type AskedNode = {
  lastPollAt: Date | null
  quarantinedAt: Date | null
  interactiveFree: number
  /** What the node says of the store's credential; null where it has said nothing yet. */
  credential: { version: number; openedAt: Date | null; error: string | null } | null
}
/** `lasting` does not pass by waiting; `offline` may, when somebody starts the agent. */
export type Hindrance = { text: string; kind: 'none' | 'passing' | 'offline' | 'lasting' }

/** What keeps a node from answering an interactive request now. */
export function hindranceOf(node: AskedNode, need: { credentialVersion: number; now: Date }): Hindrance {
  const silentMs = node.lastPollAt ? need.now.getTime() - node.lastPollAt.getTime() : null
  if (node.quarantinedAt) return { kind: 'lasting', text: 'is quarantined: two machines showed its identity' }
  if (silentMs === null) return { kind: 'offline', text: 'has never polled' }
  if (silentMs > offlineAfterMs)
    return { kind: 'offline', text: `is offline: its last poll was ${formatDuration(silentMs)} ago` }
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
