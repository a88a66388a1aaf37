import { callAction } from '@/components/form/call-action'
import { sayUnauthenticated } from '@/components/live/unauthenticated'
import type { ActionResult } from '@/lib/action-result'
import { cancelInteractiveAction } from '@/lib/interactive/actions'
import type { InteractiveAnswer, InteractiveState } from '@/lib/interactive/schemas'
import type { Failure, FailureCode } from '@/lib/protocol/failure'
import { remedyByCode } from '@/lib/protocol/remedies'
import type { TaskResult } from '@/lib/protocol/task'

/** A node that answered. */
export type NodeAnswer = Extract<InteractiveAnswer, { state: 'answered' }>
/** One line that says who is being asked, or why nobody answers yet. */
export type OnProgress = (line: string) => void
export type Asking = { signal: AbortSignal; onProgress: OnProgress }

/** Why there is no answer, with what a person can do about it. */
export class NodeFailure extends Error {
  readonly remedy: string | null
  readonly nodeName: string | null
  readonly code: FailureCode | null
  constructor(
    message: string,
    known: { remedy?: string; nodeName?: string | null; code?: FailureCode } = {},
  ) {
    super(message)
    this.name = 'NodeFailure'
    this.remedy = known.remedy ?? null
    this.nodeName = known.nodeName ?? null
    this.code = known.code ?? null
  }
}

/** Asks through an action and waits for the answer of the wanted kind; leaving the page withdraws the question. */
export async function askNode<Kind extends TaskResult['kind']>(
  kind: Kind,
  request: () => Promise<ActionResult<{ taskId: string }>>,
  asking: Asking,
): Promise<{ nodeName: string; output: Extract<TaskResult, { kind: Kind }> }> {
  const asked = await callAction(request, undefined)
  if (!asked.ok) {
    const isGone = asked.error.code === 'not_found'
    throw new NodeFailure(asked.error.message, isGone ? { remedy: 'Load the page again.' } : {})
  }
  const { nodeName, output } = await awaitAnswer(asked.data.taskId, asking)
  if (!isOfKind(output, kind)) throw new Error(`asked for ${kind}, answered ${output.kind}`)
  return { nodeName, output }
}

/** Waits for the answer to a request, saying meanwhile how far it got. */
export async function awaitAnswer(taskId: string, { signal, onProgress }: Asking): Promise<NodeAnswer> {
  const withdraw = () => void callAction(cancelInteractiveAction, { taskIds: [taskId] })
  if (signal.aborted) withdraw()
  signal.throwIfAborted()
  signal.addEventListener('abort', withdraw, { once: true })
  try {
    let seen: InteractiveState | null = null
    for (;;) {
      const answer = await fetchAnswer(taskId, { seen, signal })
      if (answer.state === 'answered') return answer
      if (answer.state === 'failed') throw failed(answer.failure, answer.nodeName)
      onProgress(progressLine(answer))
      seen = answer.state
    }
  } finally {
    signal.removeEventListener('abort', withdraw)
  }
}

type Pending = Exclude<InteractiveAnswer, { state: 'answered' | 'failed' }>

function progressLine(answer: Pending): string {
  if (answer.state === 'asking') return `Asking ${answer.nodeName}`
  const hindered = answer.nodes.filter(({ hindrance }) => hindrance !== '')
  if (hindered.length < answer.nodes.length) return `Waiting for a node of ${answer.runtimeName}`
  const each = hindered.map(({ name, hindrance }) => `${name} ${hindrance}`).join('; ')
  return `No node of ${answer.runtimeName} can answer yet: ${each}. Waiting up to a minute`
}

async function fetchAnswer(
  taskId: string,
  { seen, signal }: { seen: InteractiveState | null; signal: AbortSignal },
): Promise<InteractiveAnswer> {
  const query = seen ? `?seen=${seen}` : ''
  const response = await fetch(`/api/interactive/${taskId}${query}`, { signal })
  const body: unknown = await response.json().catch(() => null)
  // Our own route handler's answer, which parsed what the node said.
  if (response.ok) return body as InteractiveAnswer
  if (response.status === 401) sayUnauthenticated(false)
  const known = response.status === 401 ? { remedy: 'Sign in, then try again.' } : {}
  throw new NodeFailure(messageOf(body) ?? `The portal answered ${response.status}`, known)
}

function messageOf(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || !('error' in body)) return null
  const { error } = body
  if (typeof error !== 'object' || error === null || !('message' in error)) return null
  return typeof error.message === 'string' ? error.message : null
}

/** What the portal itself says names the remedy already. */
function failed({ code, message, side }: Failure, nodeName: string | null): NodeFailure {
  return new NodeFailure(message, {
    code,
    nodeName,
    ...(side === 'portal' ? {} : { remedy: remedyByCode[code] }),
  })
}

function isOfKind<Kind extends TaskResult['kind']>(
  output: TaskResult,
  kind: Kind,
): output is Extract<TaskResult, { kind: Kind }> {
  return output.kind === kind
}
