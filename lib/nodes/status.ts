import { formatDuration } from '@/lib/format'
import type { NodeState, NodeWish } from '@/lib/nodes/schemas'

/** A node that was silent for so long is suspect, then offline (blueprint, section 6). */
export const suspectAfterMs = 30_000
export const offlineAfterMs = 90_000
/** A node that holds a task sends a heartbeat every 1.5 s: after so long its task may stand still. */
export const unheardAfterMs = 10_000

/** What the state is judged by. Times are instants of one clock. */
export type NodeFacts = {
  wish: NodeWish
  registeredAt: Date
  /** Null: it never sent a signed request after its registration. */
  lastSeenAt: Date | null
  quarantinedAt: Date | null
  vault: {
    /** Newest generation that this node opened, and that of its runtime; 0: none. */
    generation: number
    runtimeGeneration: number
    error: string | null
    /** Since when it waits for a person's approval; null: it does not. */
    approvalSince: Date | null
  }
  credentials: { opened: number; total: number }
}

/** Why a state is what it is (blueprint, section 9), in words; `at` is an instant to be shown as a time. */
export type Reason = {
  since: Date | null
  evidence: { term: string; value?: string; at?: Date }[]
  rule: string
  next: string
  remedies: string[]
}
export type NodeStatus = { state: NodeState; reason: Reason }

type Judge = (facts: NodeFacts, now: Date) => NodeStatus | null

/** The first that applies, from the gravest. */
const judges: Judge[] = [quarantined, neverCame, silent, awaitsApproval, notAdmitted, credentialsMissing]

/** What a node is, and why. Pure: the same facts give the same answer in page, list and test. */
export function nodeStatus(facts: NodeFacts, now: Date): NodeStatus {
  for (const judge of judges) {
    const status = judge(facts, now)
    if (status) return status
  }
  return online(facts)
}

/** Whether new copies are given to it: online, and nobody asked it to pause. */
export function takesWork(status: NodeStatus, wish: NodeWish): boolean {
  return status.state === 'Online' && wish === 'active'
}

function quarantined({ quarantinedAt, lastSeenAt }: NodeFacts): NodeStatus | null {
  if (!quarantinedAt) return null
  return {
    state: 'Limited',
    reason: {
      since: quarantinedAt,
      evidence: [seen(lastSeenAt)],
      rule: 'Two machines, or two processes, signed with this node’s key at the same time, so neither is believed.',
      next: 'The portal refuses every request of this node. Its tasks moved to other nodes.',
      remedies: [
        'If the machine was cloned, remove the node and register each machine anew.',
        'If nobody cloned it, treat the key as stolen: remove the node, and look at the machine.',
      ],
    },
  }
}

function neverCame({ lastSeenAt, registeredAt }: NodeFacts, now: Date): NodeStatus | null {
  if (lastSeenAt) return null
  const late = age(registeredAt, now) > offlineAfterMs
  return {
    state: late ? 'InitializeFailed' : 'Initializing',
    reason: {
      since: registeredAt,
      evidence: [{ term: 'Registered', at: registeredAt }, seen(null)],
      rule: `A node that registered must poll within ${formatDuration(offlineAfterMs)}.`,
      next: 'It becomes online with its first poll, whenever that comes.',
      remedies: late
        ? [
            'On the machine, run: node sallyport-agent.cjs run',
            'See what keeps it away: node sallyport-agent.cjs doctor',
          ]
        : [],
    },
  }
}

function silent({ lastSeenAt, wish }: NodeFacts, now: Date): NodeStatus | null {
  if (!lastSeenAt || age(lastSeenAt, now) <= suspectAfterMs) return null
  const gone = age(lastSeenAt, now) > offlineAfterMs
  return {
    state: gone ? 'Offline' : 'Limited',
    reason: {
      since: lastSeenAt,
      evidence: [seen(lastSeenAt), ...wished(wish)],
      rule: `Silent for more than ${formatDuration(suspectAfterMs)} is limited, for more than ${formatDuration(offlineAfterMs)} is offline.`,
      next: gone
        ? 'Tasks that it held move to other nodes when their lease ends. It is online again with its next poll.'
        : 'It gets no new task. Tasks that it holds move to other nodes when their lease ends.',
      remedies: [
        'Check that the machine is up, and that the agent runs: node sallyport-agent.cjs status',
        'Check its way out to the portal: node sallyport-agent.cjs doctor',
      ],
    },
  }
}

function awaitsApproval({ vault, lastSeenAt }: NodeFacts): NodeStatus | null {
  if (!vault.approvalSince) return null
  return {
    state: 'Limited',
    reason: {
      since: vault.approvalSince,
      evidence: [seen(lastSeenAt), { term: 'Vault key', value: 'none: it waits for an Owner’s approval' }],
      rule: 'The runtime is strict: only the proof of an enrolment link made after the vault, or an approval on the machine of a node that is admitted, lets a node read the credentials. This portal cannot, so that whoever hacked it could not either.',
      next: 'It waits. It takes no task that needs a credential.',
      remedies: [
        'On its machine, read the fingerprint: node sallyport-agent.cjs status',
        'On the machine of a node that is admitted, approve it: node sallyport-agent.cjs approve <fingerprint>',
        'Or remove it, and register it with a new enrolment link.',
      ],
    },
  }
}

function notAdmitted({ vault, registeredAt, lastSeenAt }: NodeFacts): NodeStatus | null {
  const { generation, runtimeGeneration, error } = vault
  if (!error && generation >= runtimeGeneration) return null
  const first = generation === 0
  return {
    state: first && !error ? 'Initializing' : 'Limited',
    reason: {
      since: first ? registeredAt : null,
      evidence: [
        seen(lastSeenAt),
        { term: 'Vault key', value: first ? 'none yet' : `${generation} of ${runtimeGeneration}` },
        ...(error ? [{ term: 'The node says', value: error }] : []),
      ],
      rule: 'A node gets tasks that need a credential only once another node has wrapped the vault key for it.',
      next: 'The next node of this runtime that polls wraps the key, within seconds of being online.',
      remedies: error
        ? ['If the error stays, remove the node and register it again.']
        : ['If it stays so, bring a node online that holds the vault.'],
    },
  }
}

function credentialsMissing({ credentials, lastSeenAt }: NodeFacts): NodeStatus | null {
  const { opened, total } = credentials
  if (opened >= total) return null
  return {
    state: 'Limited',
    reason: {
      since: null,
      evidence: [seen(lastSeenAt), { term: 'Credentials', value: `${opened} of ${total} opened` }],
      rule: 'A node gets a task only when it has opened every credential that the task needs.',
      next: 'It tries again with each poll. Tasks that need only the credentials it has run here all the same.',
      remedies: [
        'If it stays so, see the credential’s error below, and enter that credential again in its linked service.',
      ],
    },
  }
}

function online({ wish, lastSeenAt, vault, credentials }: NodeFacts): NodeStatus {
  const synced =
    vault.runtimeGeneration > 0
      ? [{ term: 'Credentials', value: `${credentials.opened} of ${credentials.total} opened` }]
      : []
  return {
    state: 'Online',
    reason: {
      since: null,
      evidence: [seen(lastSeenAt), ...synced, ...wished(wish)],
      rule: `It was heard within the last ${formatDuration(suspectAfterMs)}, and has opened every credential.`,
      next: nextByWish[wish],
      remedies: wish === 'active' ? [] : ['Uncordon the node to give it work again.'],
    },
  }
}

const nextByWish: Record<NodeWish, string> = {
  active: 'It takes tasks as its slots become free.',
  cordoned: 'It finishes what it runs, and takes no new copies until somebody uncordons it.',
  draining: 'It finishes or hands back what it runs, and takes nothing new until somebody uncordons it.',
}

function wished(wish: NodeWish): Reason['evidence'] {
  return wish === 'active' ? [] : [{ term: 'Wish', value: wish }]
}
function seen(at: Date | null): Reason['evidence'][number] {
  return at ? { term: 'Last heard', at } : { term: 'Last heard', value: 'never' }
}
function age(at: Date, now: Date): number {
  return now.getTime() - at.getTime()
}
