import type { NodeState } from '@/lib/nodes/schemas'
import type { FailureCode } from '@/lib/protocol/failure'
import { remedyByCode } from '@/lib/protocol/remedies'

/** Something in a factory that a person should look at, with what to do about it. */
export type Attention = {
  id: string
  grave: boolean
  /** What is wrong, of which thing. */
  title: string
  /** The present state, and the remedy. */
  remedy: string
  since: string | null
  target: AttentionTarget
}
export type AttentionTarget =
  | { kind: 'node'; runtime: string; nodeId: string }
  | { kind: 'runtimes' }
  | { kind: 'runtime'; runtime: string; tab: 'install' | 'queue' }
  | { kind: 'run'; runId: string }
  | { kind: 'linkedService'; linkedService: string }

export type AttentionFacts = {
  nodes: {
    id: string
    displayName: string
    runtime: string
    state: NodeState
    /** Only a person can let it in. */
    awaitsApproval: boolean
    since: string | null
    remedy: string | undefined
  }[]
  runtimes: { id: string; name: string; nodes: number; oldestWaitingSeconds: number | null }[]
  /** Stores that a node could not reach when it last tried. */
  blockedWays: { store: string; place: string; problem: string }[]
  failedRuns: {
    id: string
    pipelineName: string
    endedAt: string
    failure: { code: FailureCode; message: string } | null
  }[]
}

/** A task may wait this long for a slot before somebody should know. */
const patienceSeconds = 60

/** The gravest first, and of these the newest. */
export function findAttention({ nodes, runtimes, blockedWays, failedRuns }: AttentionFacts): Attention[] {
  const found = [
    ...failedRuns.map(fromRun),
    ...blockedWays.map(fromWay),
    ...nodes.flatMap(fromNode),
    ...(runtimes.length === 0 ? [noRuntime] : runtimes.flatMap(withoutNodes)),
    ...runtimes.flatMap(withQueue),
  ]
  return found.toSorted(
    (a, b) => Number(b.grave) - Number(a.grave) || (b.since ?? '').localeCompare(a.since ?? ''),
  )
}

function fromRun({ id, pipelineName, endedAt, failure }: AttentionFacts['failedRuns'][number]): Attention {
  return {
    id: `run-${id}`,
    grave: true,
    title: `Run of ${pipelineName} failed`,
    remedy: failure ? `${sentence(failure.message)} ${remedyByCode[failure.code]}` : 'Its page tells why.',
    since: endedAt,
    target: { kind: 'run', runId: id },
  }
}

function fromWay({ store, place, problem }: AttentionFacts['blockedWays'][number]): Attention {
  return {
    id: `way-${store}-${place}`,
    grave: true,
    title: `${store} cannot be reached from ${place}`,
    remedy: `${sentence(problem)} Test the connection on its page once that is mended.`,
    since: null,
    target: { kind: 'linkedService', linkedService: store },
  }
}

function fromNode({
  id,
  displayName,
  runtime,
  state,
  awaitsApproval,
  since,
  remedy,
}: AttentionFacts['nodes'][number]): Attention[] {
  if (state === 'Online' || state === 'Initializing') return []
  const inState = state === 'InitializeFailed' ? 'never came online' : `is ${state.toLowerCase()}`
  const words = awaitsApproval ? 'waits for an Owner’s approval' : inState
  return [
    {
      id: `node-${id}`,
      grave: state === 'Offline',
      title: `Node ${displayName} of ${runtime} ${words}`,
      remedy: remedy ?? 'Its page tells why.',
      since,
      target: { kind: 'node', runtime, nodeId: id },
    },
  ]
}

const noRuntime: Attention = {
  id: 'no-runtime',
  grave: false,
  title: 'This factory has no integration runtime',
  remedy: 'Nothing can be reached yet. Create one, then install a node next to your data.',
  since: null,
  target: { kind: 'runtimes' },
}

function withoutNodes({ id, name, nodes }: AttentionFacts['runtimes'][number]): Attention[] {
  if (nodes > 0) return []
  return [
    {
      id: `empty-${id}`,
      grave: false,
      title: `Integration runtime ${name} has no node`,
      remedy: 'Nothing can run on it yet. Install a node next to your data with one line.',
      since: null,
      target: { kind: 'runtime', runtime: name, tab: 'install' },
    },
  ]
}

function withQueue({
  id,
  name,
  nodes,
  oldestWaitingSeconds,
}: AttentionFacts['runtimes'][number]): Attention[] {
  if (nodes === 0 || oldestWaitingSeconds === null || oldestWaitingSeconds < patienceSeconds) return []
  return [
    {
      id: `queue-${id}`,
      grave: false,
      title: `Tasks wait on ${name}`,
      remedy: 'The queue says, for each node, why it does not take them.',
      since: null,
      target: { kind: 'runtime', runtime: name, tab: 'queue' },
    },
  ]
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}
